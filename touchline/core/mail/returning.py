"""Until when somebody is away, where their absence note says so. Nothing is guessed: two readings are none."""

import re
from datetime import date, timedelta

LONGEST_ABSENCE = timedelta(days=400)
_SAMPLE = 5_000  # characters of subject and note that are read

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan januar jänner janvier januari enero ene gennaio gen janeiro stycznia styczeń ledna января янв januára január tammikuuta ocak ianuarie ιανουαρίου січня",
            "february feb februar février fév febrero febbraio fevereiro fev februari lutego února февраля фев februára február helmikuuta şubat februarie φεβρουαρίου лютого",
            "march mar marts märz mrz maerz mars marzo março marca března марта мар március maaliskuuta mart martie maart mrt μαρτίου березня",
            "april apr avril abril aprile abr kwietnia dubna апреля апр apríla április huhtikuuta nisan aprilie απριλίου квітня",
            "may mai mayo maggio mag maio maja května мая mája május toukokuuta mayıs mei maj μαΐου травня",
            "june jun juni juin junio giugno giu junho czerwca června июня июн júna június kesäkuuta haziran iunie ιουνίου червня",
            "july jul juli juillet julio luglio lug julho lipca července июля июл júla július heinäkuuta temmuz iulie ιουλίου липня",
            "august aug août aout agosto ago sierpnia srpna августа авг augusta augusztus elokuuta ağustos augustus augusti αυγούστου серпня",
            "september sep sept septembre septiembre settembre set setembro września září сентября сен septembra szeptember syyskuuta eylül septembrie σεπτεμβρίου вересня",
            "october oct oktober okt octobre octubre ottobre ott outubro out października října октября окт októbra október lokakuuta ekim octombrie οκτωβρίου жовтня",
            "november nov novembre noviembre novembro listopada listopadu ноября ноя novembra marraskuuta kasım noiembrie νοεμβρίου листопада",
            "december dec dezember dez décembre déc diciembre dic dicembre dezembro grudnia prosince декабря дек decembra joulukuuta aralık decembrie δεκεμβρίου грудня",
        ),
        1,
    )
    for name in names.split()
}
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
# What stands before the day: of the end of an absence, and of the day somebody is back.
_UNTIL = (
    r"until|till?|up to|from\b[^.\n]{3,40}?\b(?:to|through)|bis(?: zum| einschließlich| einschl\.| inkl\.| inklusive)?|jusqu['’]au|jusqu['’]à|hasta(?: el)?(?: día)?|fino al?|sino al|até(?: ao?| o)?(?: dia)?|tot(?: en met)?|t/m|till och med|t\.?o\.?m\.?|til(?: og med)?|"
    r"do(?: dnia)?|до|pana la|până (?:la|pe|în)(?: data de)?|μέχρι(?: τις| και)?|έως(?: τις)?"
)
_BACK = (
    r"(?:back|returning|return|be back|available(?: again)?|reachable(?: again)?)(?: in the office| to (?:the |my )?office| at work| to work| in office)?(?: again)?(?: on| from| by)?|wieder(?: für sie)?(?: da| im büro| im haus| erreichbar| zurück)?(?: ab| am)(?: dem)?|zurück(?: bin ich)? am|"
    r"(?:serai )?de retour(?: au bureau)?(?: à partir du| le)?|vuelvo(?: a la oficina)? el|regres(?:o|aré|are)(?: a la oficina)? el|rientr(?:o|erò)(?: in ufficio)? il|tornerò il|(?:retorno|regresso|voltarei|estarei de volta)(?: ao escritório)?(?: no dia| em| a)|"
    r"(?:weer )?(?:terug|aanwezig|bereikbaar)(?: op| vanaf)|tillbaka(?: den| igen den)?|tilbage(?: den| igen den)?|tilbake(?: den| igjen den)?|takaisin|wracam|вернусь|(?:powrót|wrócę)(?: dnia)?"
)
_WEEKDAY = r"(?:[^\W\d_]{2,12}\.?,?\s+(?:(?:the|den|dem|le|el|il|dia|dnia|de)\s+)?)?"
_DAY = (
    rf"(?P<iso>\d{{4}}-\d{{2}}-\d{{2}})|(?P<cjk>(?:\d{{4}}\s*[年년]\s*)?\d{{1,2}}\s*[月월]\s*\d{{1,2}}\s*[日일])|(?P<dots>\d{{1,2}}\.\s?\d{{1,2}}\.(?:\s?\d{{4}}|\d{{2}}(?!\d))?)|(?P<slashes>\d{{1,2}}[/-]\d{{1,2}}[/-](?:\d{{4}}|\d{{2}})(?!\d))"
    rf"|(?P<day>\d{{1,2}})(?:st|nd|rd|th|er|º|\.)?\s*(?:of |de |d['’])?(?P<month>{_MONTH})\b\.?,?(?:\s*(?:of |de )?(?P<year>\d{{4}}))?"
    rf"|(?P<month2>{_MONTH})\b\.?\s*(?P<day2>\d{{1,2}})(?:st|nd|rd|th)?\b(?:,?\s*(?P<year2>\d{{4}}))?"
)
_SAID_BEFORE = {
    back: re.compile(rf"(?<!\w)(?:{words})\s*:?\s*(?:{_WEEKDAY})(?:the |den |dem |le |el |il |on )?(?:{_DAY})", re.IGNORECASE)
    for back, words in ((True, _BACK), (False, _UNTIL))
}
# Where the word stands behind the day: "3月8日まで", "8 Mart tarihine kadar".
_SAID_BEHIND = re.compile(
    rf"(?:{_DAY})\s*(?:\([^)]{{1,4}}\)|（[^）]{{1,4}}）)?\s*(?:まで|까지|为止|為止|止|(?:tarihine )?kadar|saakka|asti|-ig|ig\b)",
    re.IGNORECASE,
)
_SAID_BEHIND_CHINESE = re.compile(rf"(?:至|到|截至|直到)\s*(?:{_DAY})")
# "Ab dem 18.3. wieder" is of being back, "ab dem 5.3. nicht" of going away.
_BACK_AFTERWARDS = re.compile(
    rf"(?<!\w)(?:ab|am)(?: dem)?\s+{_WEEKDAY}(?:dem |den )?(?:{_DAY})(?=[^.!?\n]{{0,60}}\b(?:wieder|zurück)\b)", re.IGNORECASE
)
# "Not available from 5 March": a day of going away.
_NOT = re.compile(r"(?i)(?<!\w)(?:not|no|nicht|niet|pas|non|não|nie|inte|ikke|ikkje|ei|en|не)\s[^.!?\n,;]{0,30}\Z")
_DAY_FIRST = re.compile(
    r"(?i)\b(?:bis|jusqu|hasta|fino|até|tot|retour|regres\w+|rientr\w+|vuelvo|terug|till och med|tilbage|tilbake|μέχρι)"
)


def return_date(words: str, *, written: date) -> date | None:
    """The day an absence note names: of being back if it says so, else the last day of being away. None where it is not plain.

    `written` is the day of the note: a day without a year is the next such day, and what lies before it or more than 400 days ahead
    is not believed. 3/5/2024 is no date that everybody reads alike.
    """
    words = words[:_SAMPLE]
    back = _days(_SAID_BEFORE[True], words, written) | _days(_BACK_AFTERWARDS, words, written)
    until = set().union(*(_days(one, words, written) for one in (_SAID_BEFORE[False], _SAID_BEHIND, _SAID_BEHIND_CHINESE)))
    found = back or until
    return found.pop() if len(found) == 1 else None


def _days(pattern: re.Pattern[str], words: str, written: date) -> set[date]:
    found: set[date] = set()
    for match in list(pattern.finditer(words))[:20]:
        day = _day(match, written)
        if pattern is not _SAID_BEFORE[False] and _NOT.search(words[max(0, match.start() - 40) : match.start()]):
            continue
        if day and written <= day <= written + LONGEST_ABSENCE:
            found.add(day)
    return found


def _day(match: re.Match[str], written: date) -> date | None:
    if match["iso"]:
        year, month, day = (int(piece) for piece in match["iso"].split("-"))
        return _made(year, month, day)
    if match["cjk"]:
        numbers = [int(one) for one in re.findall(r"\d+", match["cjk"])]
        return _made(*numbers) if len(numbers) == 3 else _next(numbers[0], numbers[1], written)
    if match["dots"]:
        numbers = [int(one) for one in re.findall(r"\d+", match["dots"])]
        return _made(_year(numbers[2]), numbers[1], numbers[0]) if len(numbers) == 3 else _next(numbers[1], numbers[0], written)
    if match["slashes"]:
        first, second, year = (int(one) for one in re.findall(r"\d+", match["slashes"]))
        if second > 12:
            return _made(_year(year), first, second)
        if first > 12 or first == second or _DAY_FIRST.match(match[0]):
            return _made(_year(year), second, first)
        return None
    month = _MONTHS[(match["month"] or match["month2"]).lower()]
    day = int(match["day"] or match["day2"])
    said_year = match["year"] or match["year2"]
    return _made(int(said_year), month, day) if said_year else _next(month, day, written)


def _year(said: int) -> int:
    return said + 2000 if said < 100 else said


def _next(month: int, day: int, written: date) -> date | None:
    this = _made(written.year, month, day)
    return this if this is None or this >= written else _made(written.year + 1, month, day)


def _made(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
