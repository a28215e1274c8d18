"""The signature goes with the message that bore it; what leaves later is a list; how long a reply can be taken back is the desk's choice."""

from datetime import timedelta

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("desk", "0009_last_heard_of")]

    operations = [
        migrations.AddField(
            "desk",
            "take_back_for",
            models.DurationField(default=timedelta(seconds=10), help_text="how long what was sent can be taken back"),
        ),
        migrations.AddField(
            "message",
            "signature",
            models.TextField(blank=True, help_text="what stands beneath our words, as it went out with them"),
        ),
        migrations.AddField("message", "signature_html", models.TextField(blank=True)),
        migrations.AddIndex(
            "delivery",
            models.Index(
                fields=["send_at"],
                condition=Q(send_at__isnull=False, released_at=None, taken_back_at=None),
                name="delivery_later",
            ),
        ),
    ]
