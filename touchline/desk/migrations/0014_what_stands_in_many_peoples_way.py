"""How many were told outside; what a mail to one of many has seen, and whether it was handed over."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("desk", "0013_what_they_go_on_to_do"),
    ]

    operations = [
        migrations.AddField(
            model_name="sharedblocker",
            name="told_step",
            field=models.PositiveIntegerField(default=0, help_text="the number of people that was last told outside"),
        ),
        migrations.AddField(
            model_name="writeoncemail",
            name="handed_at",
            field=models.DateTimeField(
                blank=True, help_text="when it was handed over, and until we know how that went", null=True
            ),
        ),
        migrations.AddField(
            model_name="writeoncemail",
            name="seen",
            field=models.BigIntegerField(
                default=0, help_text="the last message of their conversation when the words were looked at"
            ),
        ),
        migrations.AlterField(
            model_name="activity",
            name="kind",
            field=models.CharField(
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
                    ("back_here", "it is back, in this conversation"),
                    ("not_back", "it is something else"),
                    ("shared", "others have this too"),
                    ("unshared", "it is only theirs"),
                    ("undone", "undone"),
                ],
                max_length=20,
            ),
        ),
        migrations.AlterField(
            model_name="writeoncemail",
            name="message_id",
            field=models.BigIntegerField(blank=True, db_index=True, help_text="the message that it became", null=True),
        ),
    ]
