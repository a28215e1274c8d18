"""Until when somebody is away."""

from datetime import date

import pytest

from tests.core.mail.conftest import reply_of
from touchline.core.mail.automatic import automatic
from touchline.core.mail.returning import return_date

WRITTEN = date(2024, 3, 5)


@pytest.mark.parametrize(
    ("note", "day"),
    [
        ("I am out of the office until 12 March 2024.", date(2024, 3, 12)),
        ("I will be back on Monday, March 18th.", date(2024, 3, 18)),
        ("I return to the office on Tuesday the 12th of March", date(2024, 3, 12)),
        ("I am away from 1 March to 12 March", date(2024, 3, 12)),
        ("Out of office, back 2024-03-11", date(2024, 3, 11)),
        ("Ich bin bis zum 15.03.2024 nicht im Büro.", date(2024, 3, 15)),
        ("Ab dem 18.3. bin ich wieder für Sie da.", date(2024, 3, 18)),
        ("Ich bin ab dem 08.03.2024 nicht im Büro. Ich kehre zurück am 18.03.2024.", date(2024, 3, 18)),
        ("Jeg er på ferie til og med 15. marts.", date(2024, 3, 15)),
        ("Je suis absent jusqu’au 15 mars inclus.", date(2024, 3, 15)),
        ("Estaré fuera hasta el 20 de marzo de 2024", date(2024, 3, 20)),
        ("Sarò assente fino al 22 marzo", date(2024, 3, 22)),
        ("Estarei ausente até 22/03/2024", date(2024, 3, 22)),
        ("Estarei ausente até 02/04/2024", date(2024, 4, 2)),
        ("Ik ben afwezig t/m 10 april", date(2024, 4, 10)),
        ("Jag är tillbaka den 12 mars", date(2024, 3, 12)),
        ("Palaan takaisin 12. maaliskuuta", date(2024, 3, 12)),
        ("Jestem nieobecny do 11 marca 2024", date(2024, 3, 11)),
        ("я в отпуске до 15 марта", date(2024, 3, 15)),
        ("8 Mart 2024 tarihine kadar izindeyim", date(2024, 3, 8)),
        ("3月8日まで不在です", date(2024, 3, 8)),
        ("2024年3月8日(金)まで休暇をいただいております", date(2024, 3, 8)),
        ("我将休假至2024年3月10日", date(2024, 3, 10)),
        ("3월 8일까지 부재중입니다", date(2024, 3, 8)),
        ("I am away until Monday.", date(2024, 3, 11)),
        ("I am back in two weeks.", date(2024, 3, 19)),
        ("I will be back tomorrow.", date(2024, 3, 6)),
        ("I will not return until 18 March.", date(2024, 3, 18)),
        ("Je suis absente du 4 au 15 mars 2024 inclus.", date(2024, 3, 15)),
        ("Vanaf maandag 18 maart ben ik weer aanwezig.", date(2024, 3, 18)),
        ("Åter på kontoret måndag 18 mars.", date(2024, 3, 18)),
        ("Olen lomalla 4.3. - 15.3.2024.", date(2024, 3, 15)),
        ("Budu zpět v pondělí 18. března.", date(2024, 3, 18)),
        ("Vrátim sa 18. marca.", date(2024, 3, 18)),
        ("Március 18-tól vagyok újra elérhető.", date(2024, 3, 18)),
        ("Revin la birou pe 18 martie.", date(2024, 3, 18)),
        ("Ще се върна на 18 март.", date(2024, 3, 18)),
        ("Нахожусь в отпуске с 4 по 15 марта.", date(2024, 3, 15)),
        ("Повернуся 18 березня.", date(2024, 3, 18)),
        ("18 Mart'ta ofise döneceğim.", date(2024, 3, 18)),
        ("Επιστρέφω στις 18 Μαρτίου.", date(2024, 3, 18)),
        ("אני בחופשה עד 15 במרץ 2024.", date(2024, 3, 15)),
        ("سأعود إلى المكتب في 18 مارس.", date(2024, 3, 18)),
        ("من تا ۱۵ مارس ۲۰۲۴ در مرخصی هستم.", date(2024, 3, 15)),
        ("3月18日(月)より出社いたします。", date(2024, 3, 18)),
        ("我将于3月18日返回办公室。", date(2024, 3, 18)),
        ("Tôi nghỉ phép đến hết ngày 15 tháng 3 năm 2024.", date(2024, 3, 15)),
        ("ลาพักร้อนถึงวันที่ 15 มีนาคม 2567", date(2024, 3, 15)),
        ("Saya cuti sampai 15 Maret 2024.", date(2024, 3, 15)),
        ("Na godišnjem sam odmoru do 15. ožujka 2024.", date(2024, 3, 15)),
        ("Esmu atvaļinājumā līdz 15. martam.", date(2024, 3, 15)),
        ("Olen puhkusel kuni 15. märtsini.", date(2024, 3, 15)),
    ],
)
def test_an_end_that_is_said_is_read(note, day):
    assert return_date(note, written=WRITTEN) == day


def test_the_day_of_being_back_counts_before_the_last_day_away():
    assert return_date("I am away until 8 March and back on 11 March.", written=WRITTEN) == date(2024, 3, 11)


def test_a_day_without_a_year_is_the_next_such_day():
    assert return_date("I'm away until 2 January", written=WRITTEN) == date(2025, 1, 2)


@pytest.mark.parametrize(
    "note",
    [
        "I am away until 3/5/2024.",  # March or May
        "I am away until 8 March, Sam until 14 March.",
        "I was away until 2019-01-01.",
        "I am away until 12 March 2031.",
        "Bis 30.02.2024 bin ich weg.",
        "We moved to 12 March Street.",
        "Please call me on 8 March.",
        "Call Sam, from Monday to Friday.",
        "Wir sind von Montag bis Freitag erreichbar.",
        "I am away for two weeks.",
        "I will get back to you on 8 March.",
        "Ich bin ab 18. März im Urlaub.",
        "I am not available from 8 March.",
        "Ab dem 08.03.2024 bin ich nicht im Büro.",
        "Меня не будет с 8 марта.",
    ],
)
def test_what_is_not_plain_is_not_guessed(note):
    assert return_date(note, written=WRITTEN) is None


def test_an_absence_note_says_until_when_and_our_own_words_in_it_do_not():
    note = reply_of(
        "Ich bin bis zum 15.03.2024 im Urlaub.\n\nAm 5.3.2024 um 10:00 schrieb Kay <help@desk.example>:\n> I am away until 8 March.",
        subject="Automatische Antwort: Lamp",
        date="Tue, 5 Mar 2024 10:01:00 +0100",
        auto_submitted="auto-replied",
    )
    assert automatic(note).until == date(2024, 3, 15)


def test_a_person_s_mail_and_a_note_without_a_date_say_nothing():
    words = "I am away until 12 March 2024."
    assert automatic(reply_of(words, date="Tue, 5 Mar 2024 10:01:00 +0100")).until is None
    assert automatic(reply_of(words, auto_submitted="auto-replied")).until is None


@pytest.mark.parametrize("piece", ["until ", "12 ", "bis 12.", "from a ", "1/", "年1月", "march "])
def test_a_long_note_takes_a_moment(piece, within):
    with within(seconds_per_megabyte=1, at_least=1):
        return_date(piece * 20_000, written=WRITTEN)
