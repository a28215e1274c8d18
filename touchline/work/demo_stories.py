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
    person: str
    address: str
    ago: timedelta
    subject: str
    words: str
    turns: tuple[Turn, ...] = ()
    mailbox: str = "support"
    picture: bool = False


WAITING_NOW = (
    Story(
        "Ilse Brandt",
        "ilse@lanternbooks.example",
        9 * DAYS + 4 * HOURS,
        "The invoice shows the wrong company name",
        "Good morning,\n\nour invoice for October is made out to Lantern Bakery. We are Lantern Books, and my accountant will not take it.\nCould you send a right one?\n\nIlse Brandt",
        (
            Takes("kay", 20 * MINUTES),
            Ours(
                "kay",
                30 * MINUTES,
                "Dear Ilse,\n\nI have put the name right in your account and made the invoice anew; it is with this mail's reply in your account under Invoices.\n\nKay",
                True,
            ),
            Theirs(
                9 * DAYS + 1 * HOURS + 10 * MINUTES,
                "Hello Kay,\n\nthe November invoice came today, and it says Lantern Bakery again. It seems the old name is still somewhere.\n\nIlse",
                "back",
            ),
        ),
    ),
    Story(
        "Nora Adeyemi",
        "nora@norashoney.example",
        48 * MINUTES,
        "I can’t sign in on the tablet before the market opens",
        "Hello, I set up the stall tablet last night and now it keeps asking for a code I never get. The market opens at ten and all my prices are on it. What can I do?",
        (
            Takes("sam", 4 * MINUTES),
            Note("sam", 4 * MINUTES, "Her codes go to the old number ending 41. @Kay can you change it? I’m on the phone."),
        ),
    ),
    Story(
        "Tomás Ferreira",
        "tomas@ferreirabikes.example",
        31 * MINUTES,
        "Where is the box with the brake pads?",
        "Bom dia,\n\nthe tracking says delivered, but there is no box here, and a customer waits for his bicycle. Order 20418.\n\nObrigado,\nTomás",
        mailbox="deliveries",
        picture=True,
    ),
    Story(
        "Grace O’Neill",
        "grace@oneillceramics.example",
        12 * MINUTES,
        "How do I add a second address to our order",
        "Hi there,\n\nhalf of this order should go to the studio and half to the shop. I can only enter one address. Is there a way?\n\nGrace",
    ),
    Story(
        "Pavel Horák",
        "pavel@tiskarnahorak.example",
        2 * DAYS,
        "The label printer prints everything twice",
        "Dobrý den,\n\nsince the update every label comes out twice. I throw away half a roll a day.\n\nPavel Horák",
        (
            Ours(
                "sam",
                1 * HOURS,
                "Hello Pavel,\n\nthere is a setting “copies” that the update put to 2. Under Printing, set it to 1 and print a test label.\n\nSam",
                True,
            ),
            Note("kay", 10 * MINUTES, "Three people had this since Monday. I told the product team."),
            Theirs(
                2 * DAYS - 74 * MINUTES,
                "That did it, one label at a time again. Thank you both, you saved me a trip to the city.",
            ),
        ),
    ),
)

TOLD = (
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
                "Hello Jessica,\n\nwhich company did you buy it from? I will write down the two lines that belong there.\n\nSam",
            ),
            Theirs(40 * MINUTES, "It is with Nordname. I found a page called DNS, but I am afraid of breaking something."),
            Note("kay", 10 * MINUTES, "Nordname wants the dot at the end of the CNAME. That is what goes wrong most."),
            Ours(
                "sam",
                20 * MINUTES,
                "You cannot break anything that we cannot put back. Add these two lines, with the dot at the end of the second one:\n\nA  @  203.0.113.20\nCNAME  www  shops.touchline.example.\n\nIt takes up to an hour.\n\nSam",
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
                "Hello Nora,\n\nyour roll is 57 mm wide and the template is made for 62. I made you one for 57, it is in your templates as “Honey 57”.\n\nKay",
                True,
            ),
            Theirs(3 * HOURS, "I was printing by half past nine and sold out by noon. Thank you!", "works"),
        ),
    ),
    Story(
        "Marta Nowak",
        "marta@nowakoptyk.example",
        5 * HOURS,
        "Card payments are refused since this morning",
        "Every card is refused with “terminal not paired”. There is a queue in my shop.",
        (
            Takes("kay", 2 * MINUTES),
            Ours(
                "kay",
                6 * MINUTES,
                "Marta, the terminal lost its pairing in the night’s update. Hold the green and the yellow key for five seconds, then choose Pair again. I stay here until it works.\n\nKay",
                True,
            ),
            Theirs(14 * MINUTES, "It works again!! You cannot imagine the relief. The queue clapped.", "works"),
        ),
    ),
    Story(
        "Jonas Weber",
        "jonas@weberholz.example",
        1 * DAYS + 3 * HOURS,
        "Mehrwertsteuer auf der Rechnung",
        "Guten Tag,\n\nauf der Rechnung an unseren Kunden in Österreich steht 19 % statt 20 %. Wo stelle ich das ein?\n\nMit freundlichen Grüßen\nJonas Weber",
        (
            Ours(
                "kay",
                50 * MINUTES,
                "Guten Tag Herr Weber,\n\nunter Einstellungen, Steuern, Länder können Sie Österreich mit 20 % hinzufügen. Die Rechnung lässt sich danach neu ausstellen.\n\nKay",
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
        "Bonjour, ma boutique s'affiche en anglais pour mes clientes alors que j'ai choisi le français. Pouvez-vous m'aider ?\n\nAmina",
        (
            Ours(
                "sam",
                2 * HOURS,
                "Bonjour Amina,\n\nla langue de la boutique se choisit sous Apparence, pas dans le compte. Je l'ai mise en français pour vous.\n\nSam",
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
                "Hello Ravi,\n\nthe till was signed in to the old branch. I moved it to Market Street.\n\nSam",
                True,
            ),
            Theirs(1 * DAYS, "It was good for a day and now they are missing again.", "back"),
            Note("sam", 20 * MINUTES, "The old branch is still set on the second till. Of course there is a second till."),
            Ours(
                "sam",
                10 * MINUTES,
                "Ravi, there is a second till in the back room with the same fault. I moved that one, too, and sent a test order: it rang on both.\n\nSam",
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
                "Hello Elin,\n\nopen the order, then More, then Refund. You can refund the shipping, too, or leave it.\n\nKay",
                True,
            ),
            Theirs(20 * MINUTES, "Thank you, Kay! While I have you: can I also change the text of that mail she gets?", "new"),
            Ours("kay", 25 * MINUTES, "Yes: Settings, Mails, Refund. Try it with “Preview” first.\n\nKay", True),
        ),
    ),
    Story(
        "Oisín Byrne",
        "oisin@byrnebrews.example",
        3 * DAYS,
        "Thank you",
        "No question at all, I just wanted to say that the stock screen is lovely now. Whoever made it: thanks.",
        (NothingThere("sam", 1 * HOURS, "thanks"),),
    ),
)

# (person, address, days ago, subject, words, who answered, the answer, what came of it: works, held or early by its age, back)
SHORT = (
    (
        "Lucía Romero",
        "lucia@romerovinos.example",
        38,
        "I cannot upload the photo of our new label",
        "It says “file too large”, it is 6 MB.",
        "kay",
        "Hello Lucía,\n\nphotos may be 5 MB. I made yours smaller without a loss that one can see and put it in.\n\nKay",
        "",
    ),
    (
        "Henrik Dahl",
        "henrik@dahlcykler.example",
        35,
        "Opening hours are wrong on the map",
        "We are open on Mondays now.",
        "sam",
        "Hello Henrik,\n\nit is under Places, Opening hours. The map takes a day to follow.\n\nSam",
        "",
    ),
    (
        "Yuki Tanaka",
        "yuki@tanakapaper.example",
        34,
        "Postage to Japan is missing",
        "I can choose every country but Japan.",
        "kay",
        "Hello Yuki,\n\nJapan was in none of your zones. I added it to “Asia”.\n\nKay",
        "works",
    ),
    (
        "Anton Kral",
        "anton@kralknihy.example",
        33,
        "The newsletter went out twice",
        "My readers got Tuesday's letter twice. What did I do wrong?",
        "sam",
        "Hello Anton,\n\nyou did nothing wrong: two lists had the same people. I joined them.\n\nSam",
        "",
    ),
    (
        "Sofia Lund",
        "sofia@lundblommor.example",
        31,
        "Forgot the pin of the till",
        "New colleague, no pin, shop opens in an hour.",
        "kay",
        "Hello Sofia,\n\nI sent a new pin to the owner’s phone.\n\nKay",
        "works",
    ),
    (
        "Daniel Okafor",
        "daniel@okaforshoes.example",
        30,
        "Sizes are sorted as words",
        "The shop shows 10, 11, 7, 8, 9. It should begin with 7.",
        "sam",
        "Hello Daniel,\n\nset the kind of that field to “number” under Products, Fields.\n\nSam",
        "",
    ),
    (
        "Carla Bianchi",
        "carla@bianchipasta.example",
        28,
        "The terms are not shown at the checkout",
        "A customer asked where our terms are.",
        "kay",
        "Hello Carla,\n\nunder Checkout there is a switch “Show terms”. I turned it on for you.\n\nKay",
        "",
    ),
    (
        "Mehmet Kaya",
        "mehmet@kayakilim.example",
        25,
        "Two prices for the same rug",
        "One page says 480, the other 520.",
        "sam",
        "Hello Mehmet,\n\nthe second was last year’s page. It is gone.\n\nSam",
        "works",
    ),
    (
        "Hannah Vogel",
        "hannah@vogelspiel.example",
        24,
        "Gutschein lässt sich nicht einlösen",
        "Der Gutschein FRUEHLING wird abgelehnt.",
        "kay",
        "Guten Tag Frau Vogel,\n\ner war auf das letzte Jahr begrenzt. Er gilt jetzt bis Ende Mai.\n\nKay",
        "",
    ),
    (
        "Luca Moretti",
        "luca@morettiluthier.example",
        23,
        "My violin photos are turned on their side",
        "They stand upright on my phone.",
        "sam",
        "Hello Luca,\n\nI turned them, and told the product team that it should not be needed.\n\nSam",
        "",
    ),
    (
        "Aoife Kelly",
        "aoife@kellyknits.example",
        20,
        "I want to leave the mailing list",
        "Please take my second address off the list.",
        "kay",
        "Hello Aoife,\n\ndone; the first one stays.\n\nKay",
        "",
    ),
    (
        "Fatima Zahra",
        "fatima@zahraargan.example",
        19,
        "Payment arrived but order says unpaid",
        "The customer showed me the bank’s receipt.",
        "sam",
        "Hello Fatima,\n\nthe reference was missing, so it could not be matched. It is now.\n\nSam",
        "works",
    ),
    (
        "Erik Nilsson",
        "erik@nilssontoys.example",
        16,
        "The scanner beeps and does nothing",
        "Since we moved the desk.",
        "kay",
        "Hello Erik,\n\nit is in keyboard mode; scan the code “HID off” on page 3 of its leaflet.\n\nKay",
        "",
    ),
    (
        "Beatriz Costa",
        "beatriz@costasabao.example",
        15,
        "Encomenda sem fatura",
        "A encomenda 19877 chegou sem fatura.",
        "kay",
        "Bom dia Beatriz,\n\na fatura está na sua conta, em Encomendas, e segue também por correio.\n\nKay",
        "works",
    ),
    (
        "Piotr Zielinski",
        "piotr@zielinskimeble.example",
        13,
        "Cannot invite a colleague",
        "She gets no mail.",
        "sam",
        "Hello Piotr,\n\nthere was a comma in her address. I corrected it and sent the invitation again.\n\nSam",
        "",
    ),
    (
        "Noor de Vries",
        "noor@devriesthee.example",
        10,
        "Stock says minus three",
        "How can I have minus three tins of tea?",
        "kay",
        "Hello Noor,\n\nthree were sold while the count was open. I closed the count; it says 14.\n\nKay",
        "",
    ),
    (
        "George Papas",
        "george@papasolive.example",
        8,
        "The export has strange letters",
        "Greek names are question marks in the spreadsheet.",
        "sam",
        "Hello George,\n\nchoose “UTF-8 with mark” in the export; then the program knows.\n\nSam",
        "works",
    ),
    (
        "Leila Haddad",
        "leila@haddadsweets.example",
        7,
        "Delivery on Sunday must not be possible",
        "Someone ordered for Sunday and we are closed.",
        "kay",
        "Hello Leila,\n\nSunday is off now under Delivery days, and I wrote to the customer’s order that it comes on Monday.\n\nKay",
        "",
    ),
    (
        "Mateo Silva",
        "mateo@silvasurf.example",
        5,
        "The wax does not show in the shop",
        "It is published, I am sure.",
        "sam",
        "Hello Mateo,\n\nit had no category, so no page showed it. It is under Care now.\n\nSam",
        "",
    ),
    (
        "Ingrid Solberg",
        "ingrid@solbergull.example",
        4,
        "Where do I see what was paid out?",
        "I need it for my taxes.",
        "kay",
        "Hello Ingrid,\n\nunder Money, Payouts; each has a PDF.\n\nKay",
        "",
    ),
    (
        "Samir Rahman",
        "samir@rahmanrepairs.example",
        3,
        "Repair slip prints in landscape",
        "It used to be upright.",
        "sam",
        "Hello Samir,\n\nthe new printer asks for it. I set it to upright for the slip alone.\n\nSam",
        "back",
    ),
    (
        "Clara Schmitt",
        "clara@schmittseifen.example",
        2,
        "Bestellung doppelt bezahlt",
        "Die Kundin hat zweimal bezahlt.",
        "kay",
        "Guten Tag Frau Schmitt,\n\ndie zweite Zahlung ist zurückgegeben, sie ist in drei Tagen bei der Kundin.\n\nKay",
        "",
    ),
    (
        "Owen Price",
        "owen@pricepickles.example",
        1,
        "Can’t change the name of my shop",
        "The button is grey.",
        "sam",
        "Hello Owen,\n\nonly the owner may; that is your brother. I wrote to him.\n\nSam",
        "",
    ),
    (
        "Thandi Mokoena",
        "thandi@mokoenabeads.example",
        0,
        "How many beads are in a string?",
        "The product page lost its number.",
        "kay",
        "Hello Thandi,\n\n120. I put it back on the page, and a note so that it stays.\n\nKay",
        "",
    ),
)
