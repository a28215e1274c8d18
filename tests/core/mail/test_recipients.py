"""Who gets an answer, from which address and why, as a table of cases.

In a row: `mail` is what is answered (its writer; then `reply`, `to` and `cc` with whom they name, `via` the address on its
envelope). `here` are those who take part: `~` before a name for one who is only shown, `!` behind it where mail to them
bounces. `how` is what the teammate does: nothing, `one` (only to the one who is answered), or names after `to`, `cc`, `bcc`
and `from`; `had` are those who have it already. Then what comes of it. Behind a name stands why, where that is not what
goes without saying (To: wrote; Cc: takes part; left out: was not added), and what is worth a look.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from touchline.core.mail.email import Correspondent
from touchline.core.mail.recipients import (
    MANY,
    Answered,
    Chosen,
    Mode,
    OurAddresses,
    Ours,
    Recipient,
    Recipients,
    TakesPart,
    Why,
    nobody_reads,
    plain,
    recipients,
    without_tag,
)

ADDRESSES = {
    "nora": "nora@bakery.example",
    "nora-at-home": "nora@home.example",
    "ilse": "ilse@garden.example",
    "tomas": "tomás@harbour.example",
    "boss": "boss@bakery.example",
    "shop": "noreply@shop.example",
    "list": "all@bakery.example",
    "sam": "sam@touchline.example",  # a teammate's own address is no mailbox
    "eve": "eve@elsewhere.example",
    "SUPPORT": "Support@Touchline.example",
    "support": "support@touchline.example",
    "support+2": "support+tl-abc-def@touchline.example",
    "help": "help@touchline.example",  # an alias of support
    "help+1": "help+sales@touchline.example",
    "gärten": "hilfe@gärten.example",  # another alias
    "xn--grten": "hilfe@xn--grten-gra.example",
    "billing": "billing@touchline.example",  # another mailbox
    "group": "group@touchline.example",  # the group that feeds it: an alias too
}
PERSONS = {"nora": 1, "nora-at-home": 1, "ilse": 2, "tomas": 3, "boss": 4, "shop": 5}
NAMES = {address: name for name, address in reversed(ADDRESSES.items())}
OURS = Ours(
    home="support@touchline.example",
    aliases=("help@touchline.example", "hilfe@gärten.example", "group@touchline.example"),
    every=OurAddresses(ADDRESSES[one] for one in ("support", "help", "gärten", "billing", "group")),
)

TABLE = """
mail                                        | here                   | how                     | from    | to                              | cc                    | left out

# An answer
nora to support                             | nora                   |                         | support | nora                            |                       |
nora to support ilse                        | nora ilse              |                         | support | nora                            | ilse                  |
nora to support cc ilse tomas               | nora ilse tomas        |                         | support | nora                            | ilse tomas            |
ilse to support cc nora                     | nora ilse              |                         | support | ilse                            | nora                  |
nora to support                             | nora ilse              |                         | support | nora                            | ilse                  |
nora to support                             | nora tomas ilse        |                         | support | nora                            | tomas ilse            |
nora to support cc sam                      | nora sam               |                         | support | nora                            | sam                   |
nora to support cc ilse ilse                | nora ilse              |                         | support | nora                            | ilse                  |

# Only to the one who is answered
nora to support cc ilse                     | nora ilse              | one                     | support | nora                            |                       | ilse:not_the_one
ilse to support cc nora tomas               | nora ilse tomas        | one                     | support | ilse                            |                       | nora:not_the_one tomas:not_the_one
nora to support                             | nora                   | one                     | support | nora                            |                       |
nora reply ilse tomas to support            | nora boss              | one                     | support | ilse:asked_for:outside tomas:asked_for:outside | | nora:elsewhere boss:not_the_one

# Answers wanted elsewhere
nora reply ilse to support                  | nora                   |                         | support | ilse:asked_for:outside          |                       | nora:elsewhere
nora reply ilse to support                  | nora ilse              |                         | support | ilse:asked_for                  |                       | nora:elsewhere
nora reply boss to support                  | nora                   |                         | support | boss:asked_for:never_wrote      |                       | nora:elsewhere
nora reply ilse tomas to support            | nora ilse              |                         | support | ilse:asked_for tomas:asked_for:outside |                | nora:elsewhere
nora reply nora to support                  | nora                   |                         | support | nora                            |                       |
nora reply nora ilse to support             | nora ilse              |                         | support | nora ilse:asked_for             |                       |
nora reply ilse ilse to support             | nora ilse              |                         | support | ilse:asked_for                  |                       | nora:elsewhere
nora reply support to support               | nora                   |                         | support | nora                            |                       |
nora reply support+2 to support             | nora ilse              |                         | support | nora                            | ilse                  |
nora reply billing to support               | nora                   |                         | support | nora                            |                       |
nora reply ilse support to support          | nora ilse              |                         | support | ilse:asked_for                  |                       | nora:elsewhere
nora reply ilse to support cc tomas         | nora tomas             |                         | support | ilse:asked_for:outside          | tomas                 | nora:elsewhere

# Our own addresses get nothing, however they are spelt
nora to support cc SUPPORT                  | nora SUPPORT           |                         | support | nora                            |                       |
nora to support cc support+2                | nora support+2         |                         | support | nora                            |                       |
nora to support cc help help+1              | nora help help+1       |                         | support | nora                            |                       |
nora to support cc billing                  | nora billing           |                         | support | nora                            |                       |
nora to support cc xn--grten                | nora xn--grten         |                         | support | nora                            |                       |
nora to support cc ilse                     | nora ilse              | to nora support         | support | nora                            |                       | ilse:taken_out
nora to support                             | nora                   | to nora cc help bcc billing | support | nora                        |                       |
nora to support                             | nora                   | to support              | support |                                 |                       | nora:taken_out

# The address they wrote to answers
nora to help                                | nora                   |                         | help    | nora                            |                       |
nora to help+1                              | nora                   |                         | help    | nora                            |                       |
nora to support+2                           | nora                   |                         | support | nora                            |                       |
nora to SUPPORT                             | nora                   |                         | support | nora                            |                       |
nora to xn--grten                           | nora                   |                         | gärten  | nora                            |                       |
nora to ilse cc help                        | nora ilse              |                         | help    | nora                            | ilse                  |
nora to help support                        | nora                   |                         | help    | nora                            |                       |
nora to support cc help                     | nora                   |                         | support | nora                            |                       |
nora to billing                             | nora                   |                         | billing | nora                            |                       |
nora to ilse cc billing                     | nora ilse              |                         | billing | nora                            | ilse                  |
nora to billing cc help                     | nora                   |                         | help    | nora                            |                       |
nora to help                                | nora                   | to nora from support    | support | nora                            |                       |
nora to support                             | nora                   | to nora from gärten     | gärten  | nora                            |                       |
nora to support                             | nora                   | to nora from billing    | support | nora                            |                       |
nora to support                             | nora                   | to nora from eve        | support | nora                            |                       |
nora to billing                             | nora                   | to nora from billing    | billing | nora                            |                       |

# We were only in Bcc, or a list brought it
nora to ilse                                | nora ilse              |                         | support | nora                            | ilse                  |
nora to ilse via help                       | nora ilse              |                         | help    | nora                            | ilse                  |
nora to ilse via support+2                  | nora ilse              |                         | support | nora                            | ilse                  |
nora                                        | nora                   |                         | support | nora                            |                       |
nora reply group to group                   | nora group             |                         | group   | nora                            |                       |
nora to list cc support                     | nora list              |                         | support | nora                            | list                  |

# Those who are only shown
nora to support                             | nora ~eve              |                         | support | nora                            |                       | eve
nora to support                             | nora ~ilse tomas       |                         | support | nora                            | tomas                 | ilse
nora to support                             | nora ~eve              | one                     | support | nora                            |                       | eve
nora to support                             | nora ~eve              | to nora cc eve          | support | nora                            | eve:chosen            |
nora to support                             | ~nora ~ilse            |                         | support |                                 |                       | nora ilse
nora reply eve to support                   | nora ~eve              |                         | support | eve:asked_for:outside           |                       | nora:elsewhere

# A teammate chooses
nora to support cc ilse                     | nora ilse              | to nora                 | support | nora                            |                       | ilse:taken_out
nora to support cc ilse                     | nora ilse              | to ilse                 | support | ilse:takes_part                 |                       | nora:taken_out
nora to support cc ilse                     | nora ilse              | to nora ilse            | support | nora ilse:takes_part            |                       |
nora to support                             | nora                   | to nora cc boss         | support | nora                            | boss:chosen:never_wrote |
nora to support                             | nora                   | to nora cc eve          | support | nora                            | eve:chosen:outside    |
nora to support                             | nora                   | to nora bcc boss        | support | nora                            | boss:chosen:never_wrote:bcc |
nora to support cc ilse                     | nora ilse              | to nora bcc ilse        | support | nora                            | ilse:takes_part:bcc   |
nora to support                             | nora                   | to nora nora cc nora bcc nora | support | nora                      |                       |
nora to support cc ilse                     | nora ilse              | bcc nora ilse           | support |                                 | nora:wrote:bcc ilse:takes_part:bcc |
nora to support                             | nora                   | to boss                 | support | boss:chosen:never_wrote         |                       | nora:taken_out

# Ours was the last word, or there was none
support to nora cc ilse                     | nora ilse              |                         | support | nora:with_them                  | ilse                  |
help to nora                                | nora                   |                         | help    | nora:with_them                  |                       |
help to ilse cc nora                        | nora ilse              |                         | help    | ilse:with_them                  | nora                  |
support to nora ilse                        | nora ilse tomas        |                         | support | nora:with_them ilse:with_them   | tomas                 |
support to eve                              | nora ~eve              |                         | support | nora:with_them                  |                       | eve
billing to nora                             | nora                   |                         | support | nora:with_them                  |                       |
-                                           | nora ilse              |                         | support | nora:with_them                  | ilse                  |
-                                           | nora ilse              | one                     | support | nora:with_them                  |                       | ilse:not_the_one
-                                           |                        |                         | support |                                 |                       |
-                                           | ~nora                  |                         | support |                                 |                       | nora
nora to support                             | ilse                   |                         | support | ilse:with_them                  |                       |

# A form, a forward, a machine
shop reply nora to support                  | nora shop              |                         | support | nora:asked_for                  |                       | shop:elsewhere:nobody_reads
shop to support                             | shop                   |                         | support | shop:nobody_reads               |                       |
nora to support cc shop                     | nora shop              |                         | support | nora                            |                       | shop:nobody_reads:nobody_reads
nora to support cc shop                     | nora shop              | to nora cc shop         | support | nora                            | shop:chosen:nobody_reads |
sam to support                              | nora                   |                         | support | nora:with_them                  |                       |
nora to sam                                 | nora                   |                         | support | nora                            |                       |

# Mail to them bounces: they stay, with a word
nora to support                             | nora!                  |                         | support | nora:bounces                    |                       |
nora to support cc ilse                     | nora ilse!             |                         | support | nora                            | ilse:bounces          |
nora to support                             | nora ~ilse!            |                         | support | nora                            |                       | ilse:bounces
nora to support cc ilse                     | nora! ilse             | to ilse                 | support | ilse:takes_part                 |                       | nora:taken_out:bounces

# One person at two addresses gets it once, unless they ask for it
nora to support                             | nora-at-home nora      |                         | support | nora                            |                       | nora-at-home:same_person
nora-at-home to support                     | nora nora-at-home ilse |                         | support | nora-at-home                    | ilse                  | nora:same_person
nora to support cc nora-at-home             | nora nora-at-home      |                         | support | nora                            | nora-at-home          |
ilse to support                             | ilse nora nora-at-home |                         | support | ilse                            | nora                  | nora-at-home:same_person
nora to support                             | nora nora-at-home      | to nora cc nora-at-home | support | nora                            | nora-at-home:chosen   |

# It goes again, in the place of what did not arrive
nora to support cc ilse                     | nora ilse              | had ilse                | support | nora                            |                       | ilse:has_it
nora to support cc ilse                     | nora ilse              | to nora had ilse        | support | nora                            |                       | ilse:has_it
nora to support cc ilse                     | nora ilse              | to nora cc ilse had ilse | support | nora                           | ilse                  |
nora to support                             | nora                   | to nora-at-home had ilse | support | nora-at-home:chosen:outside    |                       | nora:taken_out
"""


def rows():
    for line in TABLE.strip().splitlines()[1:]:
        if line and not line.startswith("#"):
            cells = [cell.strip() for cell in line.split("|")]
            yield pytest.param(*cells, id=" | ".join(cell for cell in cells[:3] if cell))


def somebody(name):
    return Correspondent(name, ADDRESSES[name])


def sorted_out(words, keys):
    """ "to nora cc ilse" → {"to": ["nora"], "cc": ["ilse"]}"""
    found, key = {}, ""
    for word in words.split():
        if word in keys:
            key = word
            found[key] = []
        else:
            found.setdefault(key, []).append(word)
    return found


def mail_of(cell):
    if cell == "-":
        return None
    named = sorted_out(cell, ("reply", "to", "cc", "via"))
    pick = lambda key: tuple(somebody(name) for name in named.get(key, ()))  # noqa: E731
    reached = "".join(ADDRESSES[name] for name in named.get("via", ()))
    return Answered(somebody(named[""][0]), to=pick("to"), cc=pick("cc"), reply_to=pick("reply"), reached=reached)


def here_of(cell):
    for word in cell.split():
        name = word.strip("~!")
        yield TakesPart(name, ADDRESSES[name], gets="~" not in word, person=PERSONS.get(name), bounces="!" in word)


def how_of(cell):
    named = sorted_out(cell, ("one", "to", "cc", "bcc", "from", "had"))
    pick = lambda key: tuple(somebody(name) for name in named.get(key, ()))  # noqa: E731
    chosen = Chosen(pick("to"), pick("cc"), pick("bcc"), "".join(ADDRESSES[name] for name in named.get("from", ())))
    by_hand = {"to", "cc", "bcc"} & named.keys()
    return {
        "mode": Mode.ONE if "one" in named else Mode.ALL,
        "chosen": chosen if by_hand else None,
        "have_it": [ADDRESSES[name] for name in named.get("had", ())],
    }


def words_of(many, unsaid, more=""):
    for one in many:
        told = [NAMES.get(one.address, one.address), "" if one.why is unsaid else str(one.why), *one.warnings, more]
        yield ":".join(part for part in told if part)


@pytest.mark.parametrize(("mail", "here", "how", "from_", "to", "cc", "left_out"), list(rows()))
def test_who_gets_it(mail, here, how, from_, to, cc, left_out):
    found = recipients(mail_of(mail), list(here_of(here)), OURS, **how_of(how))
    assert found.from_ == ADDRESSES[from_]
    assert list(words_of(found.to, Why.WROTE)) == to.split()
    assert [*words_of(found.cc, Why.TAKES_PART), *words_of(found.bcc, None, "bcc")] == cc.split()
    assert list(words_of(found.left_out, Why.NOT_ADDED)) == left_out.split()


def test_more_than_twenty_are_many():
    many = [TakesPart("", f"n{i}@bakery.example") for i in range(MANY + 1)]
    assert recipients(None, many, OURS).are_many
    assert not recipients(None, many[:-1], OURS).are_many


def test_nobody_is_nobody():
    assert not Recipients("support@touchline.example")
    assert Recipients("support@touchline.example", bcc=(Recipient("", "x@y.example", Why.CHOSEN),))


@pytest.mark.parametrize("address", ["noreply@a.example", "no-reply@a.example", "NO_REPLY@a.example", "do-not-reply@a.example",
                                     "donotreply+7@a.example", "noreply_shop@a.example", "mailer-daemon@a.example", "bounce@a.example"])  # fmt: skip
def test_an_address_that_nobody_reads_says_so(address):
    assert nobody_reads(address)


@pytest.mark.parametrize(
    "address", ["nora@noreply.example", "norepliesplease@a.example", "bouncer@a.example", "noreplyette@a.example"]
)
def test_a_name_that_looks_like_one_is_none(address):
    assert not nobody_reads(address)


def test_a_tag_is_a_note_and_a_plus_in_front_is_a_name():
    assert without_tag("support+tl-1@a.example") == "support@a.example"
    assert without_tag("+support@a.example") == "+support@a.example"


people = st.sampled_from([name for name in ADDRESSES if name != "-"])
several = st.lists(people, max_size=4)


@given(
    people,
    several,
    several,
    several,
    st.lists(st.tuples(people, st.booleans()), max_size=6),
    several,
    several,
    several,
    st.booleans(),
)
def test_whatever_comes_nobody_is_named_twice_nor_any_of_ours(writer, reply_to, to, cc, here, first, second, third, by_hand):
    mail = Answered(somebody(writer), *(tuple(map(somebody, many)) for many in (to, cc, reply_to)))
    taking_part = list(
        {name: TakesPart(name, ADDRESSES[name], gets=gets, person=PERSONS.get(name)) for name, gets in here}.values()
    )
    chosen = Chosen(*(tuple(map(somebody, many)) for many in (first, second, third))) if by_hand else None
    found = recipients(mail, taking_part, OURS, chosen=chosen)
    everyone = [plain(one.address) for one in (*found.everyone, *found.left_out)]
    assert len(everyone) == len(set(everyone))
    assert not any(one.address in OURS for one in found.everyone)
    assert found.from_ in OURS
    only_shown = {plain(one.address) for one in taking_part if not one.gets}
    asked_for = {plain(ADDRESSES[name]) for name in reply_to}
    if not by_hand:
        assert not {plain(one.address) for one in found.everyone} & only_shown - asked_for
        if any(one.gets and one.address not in OURS for one in taking_part):
            assert found
