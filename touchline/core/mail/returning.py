"""Until when somebody is away, where their absence note says so. Nothing is guessed: two readings are none.

Every day in the note is judged by what stands around it in its sentence; the words are in `returning_words`.
"""

import re
from collections.abc import Iterator
from datetime import date, timedelta

from touchline.core.mail import returning_words as words

LONGEST_ABSENCE = timedelta(days=400)
_SAMPLE = 5_000  # characters of subject and note that are read
_MOST_DAYS = 40
_NEAR = 60  # characters around a day in which being back is said

_MONTHS = {name: number for number, names in enumerate(words.MONTHS, 1) for name in names.split()}
_WEEKDAYS = {name: number for number, names in enumerate(words.WEEKDAYS) for name in names.split()}


def _names(table: dict[str, int]) -> str:
    return "|".join(sorted(map(re.escape, table), key=len, reverse=True))


_DAY = re.compile(
    rf"(?P<iso>\b\d{{4}}-\d{{2}}-\d{{2}})|(?P<cjk>(?:\d{{4}}\s*[年년]\s*)?\d{{1,2}}\s*[月월]\s*\d{{1,2}}\s*[日号號일])|(?P<viet>\d{{1,2}} tháng (?:\d{{1,2}})(?:,? năm \d{{4}})?)"
    rf"|(?<![\d.:])(?P<dots>\d{{1,2}}\.\s?\d{{1,2}}\.(?:\s?\d{{4}}|\d{{2}}(?![\d:]))?|\d{{1,2}}\.\d{{1,2}}\.\d{{4}})|(?<![\d/])(?P<slashes>\d{{1,2}}[/-]\d{{1,2}}[/-](?:\d{{4}}|\d{{2}})(?!\d)|\d{{1,2}}/\d{{1,2}}(?![\d/]))"
    rf"|(?<!\d)(?P<day>\d{{1,2}})(?:st|nd|rd|th|er|º|ª|\.)?\s*(?:of |de |d['’]|ב)?(?P<month>{_names(_MONTHS)})(?![^\W\d_])\.?,?(?:['’][^\W\d_]{{1,3}})?(?:\s*(?:of |de )?(?P<year>\d{{4}}))?"
    rf"|(?<![^\W_])(?P<month2>{_names(_MONTHS)})\b\.?\s*(?P<day2>\d{{1,2}})(?!\d|:)(?:st|nd|rd|th)?(?:,?\s*(?P<year2>\d{{4}})(?!\d))?"
    rf"|(?<![^\W_])(?P<weekday>{_names(_WEEKDAYS)})(?![^\W_])|(?<![^\W_])(?P<tomorrow>{words.TOMORROW})(?![^\W_])"
    rf"|\b(?:in|dans|en|tra|fra|em|over|om|za|через|kahden)\s+(?P<count>\d{{1,2}}|{'|'.join(words.NUMBERS)})\s+(?:(?P<weeks>{words.WEEKS})|(?P<days>{words.DAYS}))(?![^\W_])",
    re.IGNORECASE,
)
_SENTENCE_ENDS = re.compile(r"(?<=[^\W\d_]{4})[.!?](?=\s|\Z)|(?<=\d{4})[.!?](?=\s+[^\W\d_])|[。！？]|\n\s*\n")
_WEEKDAY = rf"(?:{_names(_WEEKDAYS)}|[^\W\d_]{{2,3}}\.)"
_FILL = rf"(?:\s*(?:{words.BETWEEN}|{_WEEKDAY}),?(?=[\s\d]))*\s*,?\s*"
_UNTIL_BEFORE = re.compile(
    rf"(?:(?<![^\W_])(?:{'|'.join(words.UNTIL)})(?=[\s\d])|ถึง(?:วันที่)?|至|到|截至|直到){_FILL}\Z", re.IGNORECASE
)
_UNTIL_BEHIND = re.compile(rf"\s*(?:[(（][^)）]{{1,6}}[)）])?\s*(?:{words.UNTIL_BEHIND})", re.IGNORECASE)
# "from 4 to 15 March", "4.3. - 15.3.": between two days, and the words before the first are of no matter.
_RANGE_BEFORE = re.compile(
    rf"(?:\d(?:st|nd|rd|th|er|º|ª|\.)?|\d\s?日|(?:{_names(_MONTHS)})\.?)\s*(?:-|–|—|~|～|〜|to|until|through|bis|au|al|a|ao|até|tot|t/m|till|til|do|po|по|до|至|到|και|έως){_FILL}\Z",
    re.IGNORECASE,
)
_WEEKDAY_BEFORE = re.compile(rf"(?:{_names(_WEEKDAYS)})\s*(?:-|–|—|\w{{1,3}}|until|through|jusqu\S+)\s*\Z", re.IGNORECASE)
_BACK = re.compile(words.BACK, re.IGNORECASE)
# "Not available from 5 March": a day of going away.
_NOT = re.compile(
    r"(?i)(?<!\w)(?:not|no longer|nicht|kein\w*|niet|pas|non|não|nie|inte|ikke|ikkje|ei|en ole|не|nem|nu|δεν|לא|لن|不|没|없)(?!\w)"
)


def return_date(said: str, *, written: date) -> date | None:
    """The day an absence note names: of being back if it says so, else the last day of being away. None where it is not plain.

    `written` is the day of the note: a day without a year is the next such day, as is "Monday", and what lies before it or more than
    400 days ahead is not believed. 3/5/2024 is no date that everybody reads alike.
    """
    back: set[date] = set()
    until: set[date] = set()
    for sentence in _SENTENCE_ENDS.split(said[:_SAMPLE]):
        for match, day in _days(sentence, written):
            before, behind = sentence[: match.start()], sentence[match.end() :]
            if _UNTIL_BEFORE.search(before) or _RANGE_BEFORE.search(before) or _UNTIL_BEHIND.match(behind):
                # "I will not return until 18 March": the day of being back.
                (back if _BACK.search(before) and _NOT.search(before) else until).add(day)
            elif _is_of_being_back(before, behind):
                back.add(day)
    found = back or until
    return found.pop() if len(found) == 1 else None


def _is_of_being_back(before: str, behind: str) -> bool:
    before, behind = before[-_NEAR:], behind[:_NEAR]
    if others := [other for other in _DAY.finditer(before) if not other["weekday"]]:
        before = before[others[-1].end() :]
    if other := _DAY.search(behind):
        behind = behind[: other.start()]
    found = _BACK.search(before) or _BACK.search(behind)
    return found is not None and not _NOT.search(before) and not _NOT.match(behind.lstrip())


def _days(sentence: str, written: date) -> Iterator[tuple[re.Match[str], date]]:
    matches = list(_DAY.finditer(sentence))[:_MOST_DAYS]
    for match, following in zip(matches, [*matches[1:], None], strict=False):
        if match["weekday"] and (
            (following and not following["weekday"] and following.start() - match.end() <= 8)
            or (following and following["weekday"] and following.start() - match.end() <= 9)
            or _WEEKDAY_BEFORE.search(sentence[: match.start()])
        ):
            continue  # "Monday 18 March" is told by its date, "Monday to Friday" by none
        day = _day(match, sentence, written)
        if day and written <= day <= written + LONGEST_ABSENCE:
            yield match, day


def _day(match: re.Match[str], sentence: str, written: date) -> date | None:
    if match["weekday"]:
        ahead = (_WEEKDAYS[match["weekday"].lower()] - written.weekday() - 1) % 7 + 1
        return written + timedelta(days=ahead)
    if match["tomorrow"]:
        return written + timedelta(days=1)
    if match["count"]:
        count = int(match["count"]) if match["count"].isdigit() else words.NUMBERS[match["count"].lower()]
        return written + timedelta(days=count * (7 if match["weeks"] else 1))
    if match["iso"]:
        year, month, day = (int(piece) for piece in match["iso"].split("-"))
        return _made(year, month, day)
    if match["cjk"]:
        numbers = [int(one) for one in re.findall(r"\d+", match["cjk"])]
        return _made(*numbers) if len(numbers) == 3 else _next(numbers[0], numbers[1], written)
    if said := match["dots"] or match["viet"]:
        numbers = [int(one) for one in re.findall(r"\d+", said)]
        return _made(_year(numbers[2]), numbers[1], numbers[0]) if len(numbers) == 3 else _next(numbers[1], numbers[0], written)
    if match["slashes"]:
        return _with_slashes([int(one) for one in re.findall(r"\d+", match["slashes"])], sentence, written)
    month = _MONTHS[(match["month"] or match["month2"]).lower()]
    day = int(match["day"] or match["day2"])
    said_year = match["year"] or match["year2"]
    return _made(_year(int(said_year)), month, day) if said_year else _next(month, day, written)


_DAY_FIRST = re.compile(
    r"(?i)\b(?:bis|jusqu|hasta|fino|até|tot|retour|regres\w+|rientr\w+|vuelvo|terug|till och med|tilbage|tilbake|åter|μέχρι|trở lại|đến)"
)


def _with_slashes(numbers: list[int], sentence: str, written: date) -> date | None:
    """Written month first or day first: only where one of both cannot be, or the language says which."""
    first, second, *years = numbers
    if second > 12:
        month, day = first, second
    elif first > 12 or first == second or _DAY_FIRST.search(sentence):
        month, day = second, first
    else:
        return None
    return _made(_year(years[0]), month, day) if years else _next(month, day, written)


def _year(said: int) -> int:
    """A year of four digits. Thailand counts 543 years more."""
    return said + 2000 if said < 100 else said - 543 if 2500 < said < 2700 else said


def _next(month: int, day: int, written: date) -> date | None:
    this = _made(written.year, month, day)
    return this if this is None or this >= written else _made(written.year + 1, month, day)


def _made(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
