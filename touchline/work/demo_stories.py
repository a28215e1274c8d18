"""The people of the demo desk, and what happened: made up, and told as it could have been.

A story begins `ago` before the first start. Each turn comes some time after the one before it.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple

MINUTES = timedelta(minutes=1)
HOURS = timedelta(hours=1)
DAYS = timedelta(days=1)


class Ours(NamedTuple):
    """A teammate answers; with `moved`, the blocker is out of the way with it."""

    by: str
    after: timedelta
    words: str
    moved: bool = False


class Theirs(NamedTuple):
    """They write again. `means` is what a teammate made of it: works, back, new, thanks; nothing while it is to be decided."""

    after: timedelta
    words: str
    means: str = ""


class Note(NamedTuple):
    """Words between teammates."""

    by: str
    after: timedelta
    words: str


class Takes(NamedTuple):
    """A teammate takes it."""

    by: str
    after: timedelta


class SeenThere(NamedTuple):
    """A product event showed that they got where they were going."""

    after: timedelta
    event: str


class NothingThere(NamedTuple):
    """A teammate saw that nothing stood in the way."""

    by: str
    after: timedelta
    why: str


Turn = Ours | Theirs | Note | Takes | SeenThere | NothingThere


@dataclass(frozen=True)
class Story:
    """Someone writes, `ago` before now, and what came of it.

    `today`: all of it is of this day; soon after midnight it is told in less time. `html` is the same words with their form;
    `picture` puts one beside them.
    """

    person: str
    address: str
    ago: timedelta
    subject: str
    words: str
    turns: tuple[Turn, ...] = ()
    mailbox: str = "support"
    picture: bool = False
    html: str = ""
    today: bool = False


WAITING_NOW = (
    Story(
        "Ilse Brandt",
        "ilse@lanternbooks.example",
        9 * DAYS + 4 * HOURS,
        "The invoice shows the wrong company name",
        "Good morning,\n\nOur invoice for this month is made out to Lantern Bakery. We are Lantern Books, and my accountant will not take it. "
        "Could you send a right one?\n\nIlse Brandt",
        (
            Takes("kay", 20 * MINUTES),
            Ours(
                "kay",
                30 * MINUTES,
                "Dear Ilse,\n\nI am sorry: that was our slip when we set you up. Your name is right in your account now, and I made the invoice "
                "anew. You find it under Invoices, and your accountant can have it as it is.\n\nIf anything else in it looks odd, write to me.\n\nKay",
                True,
            ),
            Theirs(
                9 * DAYS + 70 * MINUTES,
                "Hello Kay,\n\nThe new invoice came today, and it says Lantern Bakery again. It seems the old name is still somewhere.\n\nIlse",
                "back",
            ),
        ),
    ),
    Story(
        "Nora Adeyemi",
        "nora@norashoney.example",
        48 * MINUTES,
        "I can’t sign in on the tablet before the market opens",
        "Hello,\n\nI set up the stall tablet last night and now it keeps asking for a code that I never get. The market opens soon and all my "
        "prices are on it. What can I do?\n\nNora",
        (
            Takes("sam", 4 * MINUTES),
            Note(
                "sam",
                4 * MINUTES,
                "Her codes go to the old number, the one ending in 41. @Kay, can you change it? I am on the phone with the carrier.",
            ),
        ),
    ),
    Story(
        "Tomás Ferreira",
        "tomas@ferreirabikes.example",
        31 * MINUTES,
        "Where is the box with the brake pads?",
        "Bom dia,\n\nThe tracking says delivered, but there is no box here, see the picture, and a customer waits for his bicycle. It is order "
        "20418.\n\nObrigado,\nTomás",
        mailbox="deliveries",
        picture=True,
    ),
    Story(
        "Grace O’Neill",
        "grace@oneillceramics.example",
        12 * MINUTES,
        "How do I add a second address to our order?",
        "Hi there,\n\nHalf of this order should go to the studio and half to the shop:\n\n- 12 bowls to the studio\n- 8 plates to the shop\n\n"
        "I can only enter one address. Is there a way?\n\nGrace",
        html="<p>Hi there,</p><p>half of this order should go to the <b>studio</b> and half to the <b>shop</b>:</p>"
        "<ul><li>12 bowls to the studio</li><li>8 plates to the shop</li></ul>"
        "<p>I can only enter <i>one</i> address. Is there a way?</p><p>Grace<br><small>O’Neill Ceramics, thrown in Dingle</small></p>",
    ),
    Story(
        "Pavel Horák",
        "pavel@tiskarnahorak.example",
        2 * DAYS,
        "The label printer prints everything twice",
        "Dobrý den,\n\nSince the update every label comes out twice. I throw away half a roll a day.\n\nPavel Horák",
        (
            Ours(
                "sam",
                1 * HOURS,
                "Hello Pavel,\n\nThe update set “copies” to 2 for printers of your kind; that is our mistake, and it is being put right for everyone. "
                "For now: open Printing, set Copies to 1, and print a test label. One should come out.\n\nPlease tell me how many labels you lost, "
                "and we send you a roll.\n\nSam",
                True,
            ),
            Note(
                "kay",
                10 * MINUTES,
                "Three people had this since Monday. I told those who make the update; the next one leaves “copies” alone.",
            ),
            Theirs(
                2 * DAYS - 74 * MINUTES,
                "That did it, one label at a time again. Thank you both, you saved me a trip to the city.\n\nPavel",
            ),
        ),
    ),
)

TOLD = (
    Story(
        "Marta Nowak",
        "marta@nowakoptyk.example",
        5 * HOURS,
        "Card payments are refused since this morning",
        "Every card is refused with “terminal not paired”. There is a queue in my shop.",
        (
            Takes("kay", 2 * MINUTES),
            Ours(
                "sam",
                1 * MINUTES,
                "Hello Marta,\n\nWe see it from here, too, and you did nothing wrong. Please leave the terminal switched on: Kay knows this kind by "
                "heart and writes to you in a minute.\n\nSam",
            ),
            Note("sam", 1 * MINUTES, "Green and yellow, five seconds? It helped the florist yesterday."),
            Ours(
                "kay",
                4 * MINUTES,
                "Marta,\n\nThe terminal lost its pairing in the night’s update. Hold the green and the yellow key for five seconds, then choose "
                "“Pair again”; it takes less than a minute. I stay here until it works.\n\nKay",
                True,
            ),
            Theirs(14 * MINUTES, "It works again! You cannot imagine the relief. The queue clapped.", "works"),
        ),
        today=True,
    ),
    Story(
        "Thandi Mokoena",
        "thandi@mokoenabeads.example",
        3 * HOURS,
        "The page does not say how many beads are in a string",
        "The product page lost its number and my customers ask me every day.",
        (
            Ours(
                "kay",
                25 * MINUTES,
                "Hello Thandi,\n\nIt is back: 120 beads in a string. The number was in a field that the new page did not show. I switched that field "
                "on for all your strings, so you need not do it one by one.\n\nKay",
                True,
            ),
        ),
        today=True,
    ),
    Story(
        "Jun Park",
        "jun@parkteahouse.example",
        4 * HOURS,
        "The booking page is still a draft",
        "I pressed everything and my booking page still says “draft”. We open on Saturday.",
        (
            Ours(
                "sam",
                30 * MINUTES,
                "Hello Jun,\n\nOne thing was missing: a phone number for guests who are late. Add it under Bookings, Contact, and the Publish button "
                "wakes up. Have a full house on Saturday.\n\nSam",
                True,
            ),
            SeenThere(40 * MINUTES, "bookings_published"),
        ),
        today=True,
    ),
    Story(
        "Jessica Lindqvist",
        "jessica@lindqvistknits.example",
        26 * DAYS,
        "My domain does not point to my shop",
        "Hi! I bought a domain for my knitting shop and it only shows a parking page. I want to open before the first of the month.\n\nJessica",
        (
            Takes("sam", 15 * MINUTES),
            Ours(
                "sam",
                25 * MINUTES,
                "Hello Jessica,\n\nWhich company did you buy it from? Then I write down exactly what belongs where.\n\nSam",
            ),
            Theirs(40 * MINUTES, "It is with Nordname. I found a page called DNS, but I am afraid of breaking something."),
            Note("kay", 10 * MINUTES, "Nordname wants the dot at the end of the CNAME. That is what goes wrong most."),
            Ours(
                "sam",
                20 * MINUTES,
                "You cannot break anything that we cannot put back together.\n\nOn that page, add these two lines, with the dot at the end of the "
                "second one:\n\nA  @  203.0.113.20\nCNAME  www  shops.touchline.example.\n\nIt can take an hour until everyone sees it. Then your "
                "shop is at your own name.\n\nSam",
                True,
            ),
            SeenThere(11 * DAYS, "shop_published"),
        ),
    ),
    Story(
        "Nora Adeyemi",
        "nora@norashoney.example",
        40 * DAYS,
        "Could not print labels",
        "The honey labels come out with the text cut off on the right. I have 200 jars to label for Saturday.",
        (
            Ours(
                "kay",
                35 * MINUTES,
                "Hello Nora,\n\nYour roll is 57 mm wide and the template is made for 62. I made you one for 57; it is among your templates as "
                "“Honey 57”. Print one first and hold it against a jar. Good luck on Saturday.\n\nKay",
                True,
            ),
            Theirs(3 * HOURS, "I was printing by half past nine, and on Saturday we sold out by noon. Thank you!", "works"),
        ),
    ),
    Story(
        "Jonas Weber",
        "jonas@weberholz.example",
        1 * DAYS + 3 * HOURS,
        "Mehrwertsteuer auf der Rechnung",
        "Guten Tag,\n\nauf der Rechnung an unseren Kunden in Österreich steht 19 % statt 20 %. Wo stelle ich das ein?\n\n"
        "Mit freundlichen Grüßen\nJonas Weber",
        (
            Ours(
                "kay",
                50 * MINUTES,
                "Guten Tag Herr Weber,\n\nunter Einstellungen, Steuern, Länder können Sie Österreich mit 20 % hinzufügen. Danach lässt sich die "
                "Rechnung mit „Neu ausstellen“ berichtigen; der Kunde bekommt sie dann gleich.\n\nHerzliche Grüße\nKay",
                True,
            ),
            Theirs(2 * HOURS, "Perfekt, hat geklappt. Vielen Dank für die schnelle Hilfe!", "works"),
        ),
    ),
    Story(
        "Amina Diallo",
        "amina@dialloatelier.example",
        12 * DAYS,
        "Ma boutique est en anglais",
        "Bonjour,\n\nma boutique s’affiche en anglais pour mes clientes alors que j’ai choisi le français. Pouvez-vous m’aider ?\n\nAmina",
        (
            Ours(
                "sam",
                2 * HOURS,
                "Bonjour Amina,\n\nla langue de la boutique se choisit sous Apparence, et non dans le compte : c’est facile à manquer. Je l’ai mise "
                "en français pour vous. Rechargez la page, et tout devrait y être.\n\nBien à vous,\nSam",
                True,
            ),
            Theirs(5 * HOURS, "Merci beaucoup, tout est en français maintenant. Mes clientes sont ravies.", "works"),
        ),
    ),
    Story(
        "Ravi Menon",
        "ravi@menonspices.example",
        18 * DAYS,
        "Orders from the web do not show in the till",
        "Since Friday no web order arrives in the till and my staff sells things that are gone.",
        (
            Ours(
                "sam",
                30 * MINUTES,
                "Hello Ravi,\n\nThe till was signed in to your old branch, so the orders went there. I moved it to Market Street, and the eleven that "
                "you missed are in it now.\n\nSam",
                True,
            ),
            Theirs(1 * DAYS, "It was good for a day and now they are missing again.", "back"),
            Note("sam", 20 * MINUTES, "The old branch is still set on the second till. Of course there is a second till."),
            Ours(
                "sam",
                10 * MINUTES,
                "Ravi,\n\nI should have asked: the second till, in the back room, had the same fault and took the orders. I moved that one, too, and "
                "sent a test order: it rang on both. I will look again tomorrow.\n\nSam",
                True,
            ),
            Theirs(2 * DAYS, "All orders are there since then. Thank you for not giving up.", "works"),
        ),
    ),
    Story(
        "Elin Berg",
        "elin@bergkeramik.example",
        6 * DAYS,
        "How do I give a refund?",
        "A customer sent a vase back and I cannot find where to refund her.",
        (
            Ours(
                "kay",
                40 * MINUTES,
                "Hello Elin,\n\nOpen the order, then More, then Refund. You choose there whether she gets the shipping back, too. She has the money "
                "in three to five days.\n\nKay",
                True,
            ),
            Theirs(
                20 * MINUTES, "Thank you, Kay! While I have you: can I also change the text of the mail that she gets?", "new"
            ),
            Ours(
                "kay",
                25 * MINUTES,
                "You can: it is under Settings, Mails, Refund. “Preview” shows it as she will see it, before anyone gets it.\n\nKay",
                True,
            ),
        ),
    ),
    Story(
        "Oisín Byrne",
        "oisin@byrnebrews.example",
        3 * DAYS,
        "Thank you",
        "No question at all, I just wanted to say that the stock screen is lovely now. Whoever made it: thanks.",
        (
            Ours("sam", 50 * MINUTES, "Hello Oisín,\n\nThis made our morning. I read it out to the two who made it.\n\nSam"),
            NothingThere("sam", 10 * MINUTES, "thanks"),
        ),
    ),
)
