"""The cast itself: what other tests lean on."""

from datetime import datetime

from django.test import Client

from touchline.desk.models import Conversation, Teammate


def test_nora_waits_since_nine(nora_cannot_sign_in: Conversation, at: datetime) -> None:
    message = nora_cannot_sign_in.latest()
    assert message and message.by == "Nora Adeyemi"
    assert message.text.startswith("Good morning,")
    assert nora_cannot_sign_in.waiting_since == at
    assert nora_cannot_sign_in.blocker and nora_cannot_sign_in.blocker.raised_at == at


def test_kay_is_signed_in(as_kay: Client, kay: Teammate) -> None:
    assert int(as_kay.session["_auth_user_id"]) == kay.pk
