"""The weekly letter: whom you took part in helping, and how they fared since."""

from django.db import models

from touchline.desk.models.row import Row


class Letter(Row):
    """Which letters were written, so that each goes out once."""

    teammate = models.ForeignKey("desk.Teammate", on_delete=models.CASCADE, related_name="letters")
    week = models.DateField(help_text="the Monday of the week it tells of")
    written_at = models.DateTimeField()
    empty = models.BooleanField(default=False, help_text="there was nothing to tell, and none was sent")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["teammate", "week"], name="one_letter_a_week_and_teammate")]
