"""Spam and what is set aside are counted on every page, and found by their keys; a teammate brings a person's mail by forwarding it."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("desk", "0007_sign_in_elsewhere")]

    operations = [
        migrations.AddIndex(
            "inboundemail",
            models.Index(
                fields=["-id"], condition=Q(message=None, dismissed_at=None) & ~Q(trouble=""), name="inbound_email_set_aside"
            ),
        ),
        migrations.AddIndex(
            "inboundemail",
            models.Index(
                fields=["-id"], condition=Q(message=None, dismissed_at=None) & ~Q(spam_because=""), name="inbound_email_spam"
            ),
        ),
        migrations.AddIndex(
            "conversation",
            models.Index(fields=["-spam_at", "-id"], condition=Q(spam_at__isnull=False), name="conversation_spam"),
        ),
        migrations.AlterField(
            "activity",
            "kind",
            models.CharField(
                choices=[
                    ("took", "took this"),
                    ("gave", "gave this to someone"),
                    ("let_go", "let go of this"),
                    ("closed", "closed it: nothing to answer"),
                    ("opened", "opened it again"),
                    ("moved", "moved the blocker"),
                    ("works", "it works"),
                    ("back", "it is back"),
                    ("new", "something new"),
                    ("thanks", "a thank-you"),
                    ("withdrawn", "nothing stood in the way"),
                    ("named", "said what is in the way"),
                    ("added", "added someone"),
                    ("bounced", "did not arrive"),
                    ("could_not_send", "could not be sent"),
                    ("removed", "took someone out of the conversation"),
                    ("merged", "merged it into another conversation"),
                    ("spam", "said that it is spam"),
                    ("not_spam", "said that it is no spam"),
                    ("held", "held it back, since they wrote first"),
                    ("forwarded", "passed it on to someone outside"),
                    ("brought", "forwarded it here"),
                    ("undone", "undone"),
                ],
                max_length=20,
            ),
        ),
    ]
