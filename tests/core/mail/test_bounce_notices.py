"""Bounces told in JSON."""

import json

import pytest

from tests.core.mail.conftest import email_of
from touchline.core.mail.automatic import Kind, automatic
from touchline.core.mail.bounces import Bounce

SAID = {
    "notificationType": "Bounce",
    "bounce": {
        "bounceType": "Permanent",
        "bouncedRecipients": [{"emailAddress": "Nora@lantern.example", "diagnosticCode": "smtp; 550 5.1.1 user unknown"}],
    },
    "mail": {
        "messageId": "amazons",
        "headers": [{"name": "Message-ID", "value": "<tl.a.b@desk.example>"}],
        "destination": ["x@y.example"],
    },
}
NORAS = Bounce("nora@lantern.example", True, "550 5.1.1 user unknown", "tl.a.b@desk.example")


def of_amazon(said, **headers):
    return email_of(
        said if isinstance(said, str) else json.dumps(said),
        **{"from": "no-reply@sns.amazonaws.com", "feedback_id": "1.x", **headers},
    )


def test_a_notice_of_a_bounce_is_a_bounce():
    found = automatic(of_amazon(SAID))
    assert (found.kind, found.bounce) == (Kind.BOUNCE, NORAS)


def test_one_that_sns_wrapped_or_a_server_broke_is_read_too():
    assert automatic(of_amazon({"Type": "Notification", "Message": json.dumps(SAID)})).bounce == NORAS
    broken = json.dumps(SAID).replace("destination", "destin!\n ation") + "\n\n--\nIf you wish to stop receiving"
    assert automatic(of_amazon(broken)).bounce == NORAS


def test_one_that_may_pass_is_not_for_good():
    said = {**SAID, "bounce": {**SAID["bounce"], "bounceType": "Transient"}}
    assert automatic(of_amazon(said)).bounce.permanent is False


@pytest.mark.parametrize("kind", ["Complaint", "Delivery"])
def test_other_notices_are_a_machine_s(kind):
    found = automatic(of_amazon({**SAID, "notificationType": kind}))
    assert (found.kind, found.bounce) == (Kind.AUTO_REPLY, None)


def test_a_person_who_pastes_json_is_a_person():
    assert automatic(email_of(json.dumps(SAID))).kind is Kind.HUMAN


@pytest.mark.parametrize(
    "odd",
    [
        "{",
        '{"notificationType": 5}',
        '{"a":' * 50_000,
        '{"notificationType":"Bounce","bounce":[],"mail":3}',
        '{"notificationType":"Bounce","bounce":{"bouncedRecipients":[7]}}',
    ],
)
def test_odd_json_is_survived(odd, within):
    with within(seconds_per_megabyte=2, at_least=1):
        automatic(of_amazon(odd))
