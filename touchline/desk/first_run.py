"""The first five minutes: a link, good once and for a day, with which the first teammate sets the desk up."""

from datetime import UTC, datetime

from django.urls import reverse

from touchline.desk.models import Desk


def new_link(base_url: str) -> str | None:
    """The address of the set-up page with a new token in its fragment, which no server and no log sees; None once someone is here."""
    token = Desk.get().new_link(datetime.now(UTC))
    return f"{base_url.rstrip('/')}{reverse('set_up')}#{token}" if token else None
