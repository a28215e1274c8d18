"""New words are told from the quoted past, in many languages and clients, and never hidden."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.mail.conftest import email_of, reply_of
from touchline.core.mail.fresh_words import fresh_words

# How clients of the world announce what was said before.
ATTRIBUTIONS = {
    "English": "On Mon, Mar 4, 2024 at 10:12 AM Help <help@desk.example> wrote:",
    "English, wrapped": "On Mon, Mar 4, 2024 at 10:12 AM Help Desk of the Lanterns\n<help@desk.example> wrote:",
    "German": "Am Mo., 4. März 2024 um 10:12 Uhr schrieb Help <help@desk.example>:",
    "French": "Le lun. 4 mars 2024 à 10:12, Help <help@desk.example> a écrit :",
    "Spanish": "El lun, 4 mar 2024 a las 10:12, Help (<help@desk.example>) escribió:",
    "Catalan": "El dl., 4 de març 2024, Help <help@desk.example> va escriure:",
    "Italian": "Il giorno lun 4 mar 2024 alle ore 10:12 Help <help@desk.example> ha scritto:",
    "Portuguese": "Em seg., 4 de mar. de 2024 às 10:12, Help <help@desk.example> escreveu:",
    "Dutch": "Op ma 4 mrt 2024 om 10:12 schreef Help <help@desk.example>:",
    "Swedish": "Den mån 4 mars 2024 kl 10:12 skrev Help <help@desk.example>:",
    "Norwegian": "man. 4. mars 2024 kl. 10:12 skrev Help <help@desk.example>:",
    "Danish": "Den man. 4. mar. 2024 kl. 10.12 skrev Help <help@desk.example>:",
    "Finnish": "ma 4. maalisk. 2024 klo 10.12 Help (help@desk.example) kirjoitti:",
    "Polish": "pon., 4 mar 2024 o 10:12 Help <help@desk.example> napisał(a):",
    "Czech": "po 4. 3. 2024 v 10:12 odesílatel Help <help@desk.example> napsal:",
    "Slovak": "po 4. 3. 2024 o 10:12 Help <help@desk.example> napísal(a):",
    "Hungarian": "Help <help@desk.example> ezt írta (időpont: 2024. márc. 4., H, 10:12):",
    "Romanian": "lun., 4 mar. 2024 la 10:12, Help <help@desk.example> a scris:",
    "Russian": "пн, 4 мар. 2024 г. в 10:12, Help <help@desk.example>:",
    "Ukrainian": "пн, 4 бер. 2024 р. о 10:12 Help <help@desk.example> пише:",
    "Bulgarian": "На пн, 4.03.2024 г. в 10:12 Help <help@desk.example> написа:",
    "Croatian": "pon, 4. ožu 2024. u 10:12 Help <help@desk.example> napisao je:",
    "Slovenian": "V pon., 4. mar. 2024 ob 10:12 je oseba Help <help@desk.example> napisala:",
    "Lithuanian": "2024-03-04, pr, 10:12 Help <help@desk.example> rašė:",
    "Latvian": "Pirmd., 2024. g. 4. marts, plkst. 10:12 — lietotājs Help (<help@desk.example>) rakstīja:",
    "Estonian": "Kuupäev E, 4. märts 2024 kell 10:12 kirjutas Help (<help@desk.example>):",
    "Greek": "Στις Δευ 4 Μαρ 2024 στις 10:12 π.μ., ο/η Help <help@desk.example> έγραψε:",
    "Turkish": "Help <help@desk.example>, 4 Mar 2024 Pzt, 10:12 tarihinde şunu yazdı:",
    "Hebrew": "בתאריך יום ב׳, 4 במרץ 2024 ב-10:12 מאת Help <help@desk.example>:",
    "Arabic": "في الاثنين، 4 مارس 2024 في 10:12 ص تمت كتابة ما يلي بواسطة Help <help@desk.example>:",
    "Persian": "در تاریخ دوشنبه ۴ مارس ۲۰۲۴،‏ ۱۰:۱۲ Help <help@desk.example> نوشت:",
    "Hindi": "सोम, 4 मार्च 2024 को 10:12 बजे Help <help@desk.example> ने लिखा:",
    "Japanese": "2024年3月4日(月) 10:12 ヘルプデスク <help@desk.example>:",
    "Chinese": "Help <help@desk.example> 于2024年3月4日周一 10:12写道：",
    "Chinese, traditional": "Help <help@desk.example> 於 2024年3月4日 週一 上午10:12寫道：",
    "Korean": "2024년 3월 4일 (월) 오전 10:12, 헬프 <help@desk.example>님이 작성:",
    "Vietnamese": "Vào Th 2, 4 thg 3, 2024 vào lúc 10:12 Help <help@desk.example> đã viết:",
    "Thai": "ในวันที่ จ. 4 มี.ค. 2024 เวลา 10:12 Help <help@desk.example> เขียนว่า:",
    "Indonesian": "Pada Sen, 4 Mar 2024 pukul 10.12 Help <help@desk.example> menulis:",
}
HEADER_BLOCKS = {
    "English": "From: Help <help@desk.example>\nSent: Monday, March 4, 2024 10:12\nTo: Nora Quinn\nSubject: Lamp",
    "English, bold": "*From:* Help <help@desk.example>\n*Sent:* Monday, March 4, 2024 10:12\n*To:* Nora Quinn\n*Subject:* Lamp",
    "German": "Von: Help <help@desk.example>\nGesendet: Montag, 4. März 2024 10:12\nAn: Nora Quinn\nBetreff: Lampe",
    "French": "De : Help <help@desk.example>\nEnvoyé : lundi 4 mars 2024 10:12\nÀ : Nora Quinn\nObjet : Lampe",
    "Spanish": "De: Help <help@desk.example>\nEnviado el: lunes, 4 de marzo de 2024 10:12\nPara: Nora Quinn\nAsunto: Lámpara",
    "Italian": "Da: Help <help@desk.example>\nInviato: lunedì 4 marzo 2024 10:12\nA: Nora Quinn\nOggetto: Lampada",
    "Portuguese": "De: Help <help@desk.example>\nEnviado: segunda-feira, 4 de março de 2024 10:12\nPara: Nora Quinn\nAssunto: Lanterna",
    "Dutch": "Van: Help <help@desk.example>\nVerzonden: maandag 4 maart 2024 10:12\nAan: Nora Quinn\nOnderwerp: Lamp",
    "Swedish": "Från: Help <help@desk.example>\nSkickat: den 4 mars 2024 10:12\nTill: Nora Quinn\nÄmne: Lampa",
    "Danish": "Fra: Help <help@desk.example>\nSendt: 4. marts 2024 10:12\nTil: Nora Quinn\nEmne: Lampe",
    "Finnish": "Lähettäjä: Help <help@desk.example>\nLähetetty: maanantai 4. maaliskuuta 2024 10:12\nVastaanottaja: Nora Quinn\nAihe: Lamppu",
    "Polish": "Od: Help <help@desk.example>\nWysłano: poniedziałek, 4 marca 2024 10:12\nDo: Nora Quinn\nTemat: Lampa",
    "Czech": "Od: Help <help@desk.example>\nOdesláno: pondělí 4. března 2024 10:12\nKomu: Nora Quinn\nPředmět: Lampa",
    "Hungarian": "Feladó: Help <help@desk.example>\nElküldve: 2024. március 4., hétfő 10:12\nCímzett: Nora Quinn\nTárgy: Lámpa",
    "Russian": "От: Help <help@desk.example>\nОтправлено: 4 марта 2024 г. 10:12\nКому: Nora Quinn\nТема: Лампа",
    "Ukrainian": "Від: Help <help@desk.example>\nНадіслано: 4 березня 2024 р. 10:12\nКому: Nora Quinn\nТема: Лампа",
    "Greek": "Από: Help <help@desk.example>\nΣτάλθηκε: Δευτέρα, 4 Μαρτίου 2024 10:12\nΠρος: Nora Quinn\nΘέμα: Λάμπα",
    "Turkish": "Kimden: Help <help@desk.example>\nGönderildi: 4 Mart 2024 Pazartesi 10:12\nKime: Nora Quinn\nKonu: Lamba",
    "Hebrew": "מאת: Help <help@desk.example>\nנשלח: יום שני 04 מרץ 2024 10:12\nאל: Nora Quinn\nנושא: מנורה",
    "Arabic": "من: Help <help@desk.example>\nتم الإرسال: الاثنين، ٤ مارس ٢٠٢٤\nإلى: Nora Quinn\nالموضوع: مصباح",
    "Japanese": "差出人: Help <help@desk.example>\n送信日時: 2024年3月4日 10:12\n宛先: Nora Quinn\n件名: ランプ",
    "Chinese": "发件人: Help <help@desk.example>\n发送时间: 2024年3月4日 10:12\n收件人: Nora Quinn\n主题: 灯",
    "Korean": "보낸 사람: Help <help@desk.example>\n보낸 날짜: 2024년 3월 4일 10:12\n받는 사람: Nora Quinn\n제목: 램프",
    "after a rule": "________________________________\nFrom: Help <help@desk.example>\nSent: Monday, March 4, 2024 10:12\nTo: Nora",
    "after a separator": "-----Original Message-----\nFrom: Help <help@desk.example>\nSubject: Lamp",
    "in Norwegian, after a separator": "-----Opprinnelig melding-----\nFra: Help\nEmne: Lampe",
}


@pytest.mark.parametrize("attribution", ATTRIBUTIONS.values(), ids=ATTRIBUTIONS.keys())
def test_a_quote_below_its_attribution_is_folded(attribution):
    found = fresh_words(
        reply_of(f"The cable fixed it.\n\nThank you all.\n\n{attribution}\n\n> Have you tried\n> the other cable?\n")
    )
    assert found.new == "The cable fixed it.\n\nThank you all."
    assert attribution.split("\n")[0] in found.rest and "> the other cable?" in found.rest


@pytest.mark.parametrize("block", HEADER_BLOCKS.values(), ids=HEADER_BLOCKS.keys())
def test_everything_below_a_block_of_headers_is_folded(block):
    found = fresh_words(reply_of(f"The cable fixed it.\n\n{block}\n\nHave you tried the other cable?\n"))
    assert found.new == "The cable fixed it."
    assert "Have you tried the other cable?" in found.rest


def test_outlooks_and_yahoos_unmarked_past_is_folded_below_its_attribution():
    found = fresh_words(
        reply_of(
            "It works.\n\nOn Monday, March 4, 2024 at 10:12:00 AM GMT+1, Help <help@desk.example> wrote:\n\nHave you tried the other cable?"
        )
    )
    assert found.new == "It works."


def test_what_stands_above_the_reply_line_is_new():
    found = fresh_words(
        reply_of("It works.\n\n##- Please type your reply above this line -##\n\nYour request is being looked at.")
    )
    assert found.new == "It works."


def test_answers_between_quotes_stay_with_the_quotes_they_answer():
    words = "On Mon, Mar 4, 2024 at 10:12 Help <help@desk.example> wrote:\n> Is it plugged in?\n\nYes, it is.\n\n> Is it dark?\n\nVery."
    assert fresh_words(reply_of(words)).new == words


def test_below_the_last_answer_the_rest_of_the_quote_is_folded():
    words = "On Mon, Mar 4, 2024 at 10:12 Help <help@desk.example> wrote:\n> Is it plugged in?\n\nYes, it is."
    found = fresh_words(reply_of(f"{words}\n\n> Is it dark?\n> Kay\n"))
    assert (found.new, found.rest) == (words, "> Is it dark?\n> Kay")


def test_an_answer_below_the_one_quote_stands_alone():
    found = fresh_words(
        reply_of("On Mon, Mar 4, 2024 at 10:12 Help <help@desk.example> wrote:\n> Is it plugged in?\n> Kay\n\nYes, it is.")
    )
    assert found.new == "Yes, it is."
    assert "> Is it plugged in?" in found.rest


@pytest.mark.parametrize(
    "signature",
    ["-- \nNora Quinn\nLantern Books", "--\nNora", "Sent from my iPhone", "Von meinem iPhone gesendet", "Envoyé de mon iPhone", "Enviado desde mi iPhone", "iPhoneから送信", "发自我的iPhone",
     "Get Outlook for iOS<https://aka.ms/o0ukef>", "Отправлено с iPhone", "나의 iPhone에서 보냄"],
)  # fmt: skip
def test_a_signature_is_folded(signature):
    found = fresh_words(reply_of(f"It works.\n\n{signature}"))
    assert (found.new, found.rest) == ("It works.", signature.replace("-- \n", "--\n"))


NEVER_HIDDEN = {
    "prose that begins with On": "On the surface this looks like a quote.\n\nOn Monday at 10:12 it broke again:\nno light at all.",
    "what someone says they wrote": "On Monday, March 4, 2024 at 10:12 I wrote:\nthe lamp is dark. Nobody answered.",
    "From in prose": "I need mails that come from: nora@lantern.example\nThe data comes From: our shop, not From: others.\nThis is all.",
    "a list of dashes": "Because of:\n-- the first point\n-- the second point\n\nThanks!",
    "rules of dashes": "Points\n----\n\n1. Faster\n\n----\n\nNot a signature.",
    "code after a prompt": "This is what I ran:\n> x <- c(1, 2)\n> mean(x)",
    "headers shown on purpose": "This is what I received:\nFrom: eve@attacker.example\nDate: 4 March 2024\nSubject: You won\n\nIs it real?",
    "dates": "2024-01-15 14:30:25\n15.01.2024 14:30\nJan 15, 2024 at 14:30\n\nAll of these failed.",
    "a sentence that begins like an app's line": "It works.\nSent from my desk it is much easier.",
    "a long text below two dashes": "Hello\n--\n" + "\n".join(f"line {i} of what I want to say" for i in range(30)),
    "a mail passed on within the answer": "Please see:\n\n---------- Forwarded message ---------\nFrom: Tom <tom@lantern.example>\nDate: Mon, Mar 4, 2024\nSubject: Lamp\nTo: Nora\n\nMine is dark too.",
    "only a quote": "> Have you tried the other cable?",
    "a greeting above the past": "Dear Kay,\n\nFrom: Help <help@desk.example>\nSent: Monday, March 4, 2024 10:12\nTo: Nora\nSubject: Lamp\n\nIs it plugged in? YES IT IS",
    "answers that are said to be below": "Please see my answers below.\n\nFrom: Help <help@desk.example>\nSent: Monday, March 4, 2024 10:12\nTo: Nora\nSubject: Lamp\n\nIs it plugged in? YES IT IS",
}  # fmt: skip


@pytest.mark.parametrize("words", NEVER_HIDDEN.values(), ids=NEVER_HIDDEN.keys())
def test_new_words_are_never_hidden(words):
    assert fresh_words(reply_of(words)).new == words


def test_a_new_mail_and_one_passed_on_are_not_taken_apart():
    words = "See what Tom says.\n\nOn Mon, Mar 4, 2024 at 10:12 Tom <tom@lantern.example> wrote:\n> Mine is dark too."
    assert fresh_words(email_of(words)).new == words
    signed = f"{words}\n\n-- \nNora"
    assert fresh_words(email_of(signed, subject="Fwd: Lamp", in_reply_to="<x@lantern.example>")).new == signed


QUOTE = "Have you tried the other cable?"
CLIENTS = {
    "Gmail": '<div dir="ltr">It works.</div><br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">On Mon Help wrote:<br></div><blockquote class="gmail_quote">{}</blockquote></div>',
    "Apple Mail": 'It works.<br><div><br><blockquote type="cite"><div>On Mar 4, 2024, Help wrote:</div><div>{}</div></blockquote></div>',
    "Thunderbird": '<p>It works.</p><div class="moz-cite-prefix">Am 04.03.24 um 10:12 schrieb Help:<br></div><blockquote type="cite" cite="mid:x">{}</blockquote>',
    "Outlook": '<div class="WordSection1"><p class="MsoNormal">It works.</p><div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0in"><p><b>Frá:</b> Help</p></div><p>{}</p></div>',
    "Outlook on the web": '<div>It works.</div><div id="appendonsend"></div><hr><div id="divRplyFwdMsg"><b>From:</b> Help</div><div>{}</div>',
    "Outlook for phones": '<div>It works.</div><div id="mail-editor-reference-message-container"><b>From:</b> Help<div>{}</div></div>',
    "Yahoo": '<div>It works.</div><div id="yahoo_quoted_123" class="yahoo_quoted"><div>On Monday, Help wrote:</div><div>{}</div></div>',
    "Proton": '<div>It works.</div><div class="protonmail_quote">On Monday, Help wrote:<br><blockquote class="protonmail_quote" type="cite">{}</blockquote></div>',
    "GMX": '<div>It works.<div name="quote" style="margin:10px"><b>Gesendet:</b> Montag<div name="quoted-content">{}</div></div></div>',
    "Zimbra": '<div>It works.</div><hr id="zwchr" data-marker="__DIVIDER__"><div data-marker="__HEADERS__"><b>From: </b>Help</div><div data-marker="__QUOTED_TEXT__">{}</div>',
    "Samsung": "<div>It works.</div><div><!-- originalMessage --><div>-------- Original message --------</div></div><div>{}</div>",
    "QQ": "<div>It works.</div><div>------------------&nbsp;原始邮件&nbsp;------------------</div><div><b>发件人:</b> help</div><div>{}</div>",
    "Zoho": '<div>It works.</div><div class="zmail_extra"><div>---- On Mon, Help wrote ----</div><blockquote>{}</blockquote></div>',
    "Hotmail of old": '<div>It works.</div><hr id="stopSpelling">Date: Mon<br>{}',
    "Spark": '<div name="messageBodySection">It works.</div><div name="messageReplySection">On 4 Mar 2024, Help wrote:<br><blockquote>{}</blockquote></div>',
    "Tutanota": '<div>It works.</div>4. März 2024, 10:12 von help@desk.example:<br><blockquote class="tutanota_quote">{}</blockquote>',
    "Mail.ru": "<div>It works.</div><br><blockquote style='border-left:1px solid #0857A6; margin:10px; padding:0 0 0 10px;'>Понедельник от Help:<br>{}</blockquote>",
}  # fmt: skip


@pytest.mark.parametrize("page", CLIENTS.values(), ids=CLIENTS.keys())
def test_a_clients_own_markup_tells_the_past(page):
    found = fresh_words(reply_of(html=page.format(QUOTE)))
    assert found.new == "It works."
    assert QUOTE in found.rest


def test_answers_between_marked_quotes_stay():
    page = "<blockquote type=cite>Is it plugged in?</blockquote><p>Yes.</p><blockquote type=cite>Is it dark?</blockquote><p>Very.</p><blockquote type=cite>Kay</blockquote>"
    assert fresh_words(reply_of(html=page)).new == "> Is it plugged in?\n\nYes.\n\n> Is it dark?\n\nVery."


def test_a_mail_that_apple_mail_passes_on_within_an_answer_is_read():
    page = "<div>Look:</div><blockquote type=cite><div>Begin forwarded message:</div><div>From: Tom</div><div>Mine is dark too.</div></blockquote>"
    assert "Mine is dark too." in fresh_words(reply_of(html=page)).new


def test_gmails_indent_is_no_quote():
    page = '<div>Two things:</div><blockquote style="margin:0 0 0 40px;border:none;padding:0px">It is dark.</blockquote>'
    assert "It is dark." in fresh_words(reply_of(html=page)).new


def test_a_hidden_preheader_is_no_word_of_anyone():
    assert fresh_words(reply_of(html='<div style="display:none">Preview</div><p>It works.</p>')).new == "It works."


@given(st.lists(st.sampled_from(["Yes.", "", "> quoted", ">> twice", "--", "-- ", "From: Kay <k@desk.example>", "Sent: Monday 4 March 2024", "Subject: Lamp", "To: Nora", "Sent from my iPhone",
                                 "On Mon, Mar 4, 2024 at 10:12 Help <help@desk.example> wrote:", "-----Original Message-----", "________________", "Dear Kay,", "It is dark."]), max_size=25))  # fmt: skip
def test_every_word_is_either_new_or_folded_and_something_is_shown(lines):
    email = reply_of("\n".join(lines))
    found = fresh_words(email)
    assert sorted(f"{found.new}\n{found.rest}".split()) == sorted(email.text.split())
    assert bool(found.new.strip()) == bool(email.text.strip())


@given(st.text(max_size=400))
def test_nothing_is_lost_of_any_text(words):
    email = reply_of(words)
    found = fresh_words(email)
    assert len("".join(f"{found.new}{found.rest}".split())) == len("".join(email.text.split()))


@pytest.mark.parametrize(
    "words",
    ["a\n" + "\n" * 400_000 + "b", "On Mon, Mar 4 2024 at 10:12 Kay <k@desk.example> wrote\n" * 15_000, "From: x:\n" * 80_000, "_" * 30 + "\n" * 2 + ("_" * 30 + "\n") * 25_000, "> x\nhello:\n" * 70_000, ">" * 700_000, "wrote " * 120_000],
    ids=["empty-lines", "attributions", "headers", "rules", "turns", "depth", "one-line"],
)  # fmt: skip
def test_a_long_reply_is_told_apart_in_bounded_time(words, within):
    email = reply_of(words)
    with within(seconds_per_megabyte=2, at_least=1.5):
        fresh_words(email)


RULE = "<div style='border:none;border-top:solid windowtext 1.0pt;padding:1pt'>"


@pytest.mark.parametrize(
    "html",
    [
        f"<p>One.</p>{RULE}<p>Two.</p></div><p>Three.</p>",
        "<p>One.</p><div id=appendonsend></div><p>Two.</p><p>Three.</p>",
        "<p>One.</p><hr id=stopSpelling><p>Two.</p><p>Three.</p>",
    ],
)
def test_a_rule_with_no_headers_below_hides_nothing(html):
    found = fresh_words(reply_of(html=html))
    assert all(words in found.new for words in ("One.", "Two.", "Three."))


def test_a_rule_above_headers_in_a_language_that_no_table_knows_begins_the_past():
    html = f"<p>One.</p>{RULE}<p>Xoo: Help &lt;help@desk.example&gt;<br>Yoo: 4. 3. 2024<br>Zoo: Nora<br>Qoo: Lamp</p></div><p>Old.</p>"
    assert fresh_words(reply_of(html=html)).new == "One."


@pytest.mark.parametrize(
    "text",
    [
        "One.\n\n-- \nNora\n\nPS: Two.",
        "One.\n\n--\n\nIn between.\n\n--\n\nTwo.",
        "The page says:\n\nFrom: 12 March\nTo: 14 March\nDate: unknown\nSubject: holiday\n\nOne. Two.",
        "Ilse says:\n\n> One.\n\nTwo.",
    ],
)
def test_what_only_looks_like_an_end_hides_nothing(text):
    new = fresh_words(reply_of(text)).new
    assert "One." in new and "Two." in new


def test_the_footer_of_a_list_is_folded_however_short_its_rule():
    assert fresh_words(reply_of("One.\n\n__\nlamps mailing list\nlamps@lists.example")).new == "One."


def test_words_below_a_quote_of_yahoo_s_are_seen():
    html = '<div>One.</div><div class="ydp5c3c8d8eyahoo_quoted"><div>On Monday, 4 March 2024, Help wrote:</div><div>Old.</div></div><div>Two.</div>'
    new = fresh_words(reply_of(html=html)).new
    assert "One." in new and "Two." in new


def test_words_in_the_line_that_announces_the_past_stay():
    told = fresh_words(
        reply_of("It works now, thanks! On Mon, 4 Mar 2024 at 10:00, Kay <kay@desk.example> wrote:\n> Is it bright?")
    )
    assert told.new.startswith("It works now, thanks!")
    assert told.rest == "> Is it bright?"


def test_the_end_of_a_quoted_line_that_a_mailer_broke_off_is_no_answer():
    past = "> Have you already tried the other cable, the one that came along with the lamp and\nwas\n> white?"
    assert fresh_words(reply_of(f"Yes.\n\nOn Mon, 4 Mar 2024 at 10:00, Kay <kay@desk.example> wrote:\n\n{past}")).new == "Yes."
    short = "> Which cable?\nwhite\n> Which lamp?"
    assert "white" in fresh_words(reply_of(f"See:\n\nOn Mon, 4 Mar 2024 at 10:00, Kay <kay@desk.example> wrote:\n\n{short}")).new


def test_what_a_writer_quotes_of_others_above_the_past_stays():
    html = "<div>The manual says</div><blockquote>Press twice</blockquote><div>On Mon, 4 Mar 2024 at 10:00, Kay &lt;kay@desk.example&gt; wrote:</div><blockquote type='cite'>Press it.</blockquote>"
    told = fresh_words(reply_of(html=html))
    assert "Press twice" in told.new and "Press it." in told.rest


def test_a_mail_passed_on_within_an_answer_is_read_though_it_is_quoted():
    passed = "Look:\n\n---------- Forwarded message ----------\nFrom: Ilse <ilse@other.example>\nDate: Mon, 4 Mar 2024\nSubject: Lamp\n\n> Mine is dark too."
    assert "Mine is dark too." in fresh_words(reply_of(passed)).new


@pytest.mark.parametrize(
    "line",
    ["Sent by the shop yesterday", "Gesendet mit DHL", "Envoyé par la poste hier", "Enviado por correo ayer", "Verstuurd met PostNL", "Wysłano z magazynu", "Отправлено из Москвы вчера",
     "Lähetetty eilen", "Dikirim dari gudang", "I use Outlook for iOS", "Få Outlook til å virke igjen"],
)  # fmt: skip
def test_a_last_line_that_only_begins_as_an_apps_does_stays(line):
    assert line in fresh_words(reply_of(f"Where is the parcel?\n\n{line}")).new


@pytest.mark.parametrize(
    "line",
    ["Sent from my iPhone", "Gesendet von Mail für Windows", "Obtenir Outlook pour iOS", "Отправлено из мобильной Почты Mail", "Poslano iz iPhona", "来自我的iPhone", "iOS용 Outlook 다운로드", "أُرسلت من الـ iPhone",
     "Lähetetty iPhonesta", "Odesláno z iPhonu", "ส่งจาก iPhone ของฉัน"],
)  # fmt: skip
def test_a_line_of_a_phone_or_an_app_is_folded(line):
    assert line in fresh_words(reply_of(f"Where is the parcel?\n\n{line}")).rest


def test_a_new_mail_is_shown_but_for_its_signature():
    told = fresh_words(email_of("My lamp is dark.\n\n-- \nNora Quinn\nHarbour Road 4"))
    assert (told.new, told.rest) == ("My lamp is dark.", "-- \nNora Quinn\nHarbour Road 4")
    assert fresh_words(email_of("My lamp is dark.\n\nSent from my iPhone")).rest == "Sent from my iPhone"


@pytest.mark.parametrize(
    "text",
    ["My lamp\n--\nis dark", "-- \nNora Quinn", "Look:\n-- \n" + "dark\n" * 20 + "See?", "Begin forwarded message:\n\n> Dark.\n\n-- \nNora", "The message reads:\nSent from my iPhone", "Dark.\n\n-- \nNora\n\nP.S. The other one too."],
)  # fmt: skip
def test_a_new_mail_of_which_it_is_not_plain_is_shown_whole(text):
    assert fresh_words(email_of(text)).new == text.strip("\n")
