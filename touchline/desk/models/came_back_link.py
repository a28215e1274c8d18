"""It may be back elsewhere: what they write in another conversation looks like a blocker that was moved."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from touchline.desk.models.row import Row


class CameBackLink(Row):
    """The desk proposes that a conversation is about a blocker that was moved before; a teammate accepts or declines."""

    class Because(models.TextChoices):
        PERSON = "person", _("the same person")
        ORGANIZATION = "organization", _("somebody of the same organization")

    conversation = models.ForeignKey("desk.Conversation", on_delete=models.CASCADE, related_name="came_back_links")
    blocker = models.ForeignKey("desk.Blocker", on_delete=models.CASCADE, related_name="+", help_text="the one that was moved")
    because = models.CharField(max_length=15, choices=Because)
    alike = models.FloatField(help_text="how alike the words are, 0 to 1")
    words = models.TextField(blank=True, help_text="the words that both have")
    proposed_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    declined_at = models.DateTimeField(null=True, blank=True)
    decision = models.ForeignKey("desk.Activity", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    by = models.ForeignKey("desk.Teammate", on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["conversation", "blocker"], name="proposed_once_a_conversation")]
