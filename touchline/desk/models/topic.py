"""What people's blockers are about: a short list that the team keeps."""

from django.db import models
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from touchline.desk.models.row import Row


class Topic(Row):
    """`key` stands in the ledger and never changes; `name` is what the team reads."""

    key = models.CharField(max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=100)
    put_away_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name

    @classmethod
    def called(cls, name: str) -> "Topic":
        """The topic of this name, whatever its case; a new one where there is none. One that was put away is back."""
        name = " ".join(name.split())[:100]
        found = cls.objects.filter(name__iexact=name).first()
        if found:
            found.put_away_at = None
            found.save(update_fields=["put_away_at"])
            return found
        else:
            topic = cls(name=name)
            key = slugify(name)[:40]
            topic.key = key if key and not cls.objects.filter(key=key).exists() else f"{key or 'topic'}-{topic.pk}"
            topic.save()
            return topic
