"""What people's blockers are about: a short list that the team keeps."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from touchline.desk.models.row import Row


class Topic(Row):
    """`key` stands in the ledger and never changes; `name` is what the team reads."""

    key = models.CharField(max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=100)
    put_away_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name
