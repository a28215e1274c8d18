"""We ask in the team's words; what an answer did is known; and nobody is asked two things at a time."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("desk", "0011_files_by_their_bytes")]

    operations = [
        migrations.AddField("askrule", "words", models.TextField(blank=True, help_text="how we ask; empty: in our own words")),
        migrations.AlterField(
            "askrule",
            "random_share",
            models.FloatField(
                default=0.0,
                help_text="0 to 1 of the spells, whether or not everyone is asked",
                verbose_name="drawn at random",
            ),
        ),
        migrations.AddField(
            "checkin",
            "changed_at",
            models.DateTimeField(blank=True, help_text="when they said that it was the other one", null=True),
        ),
        migrations.AddField(
            "checkin",
            "heard",
            models.ForeignKey(
                blank=True,
                help_text="what the answer did",
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="desk.activity",
            ),
        ),
        migrations.AddConstraint(
            "checkin",
            models.UniqueConstraint(
                condition=models.Q(answer="", closed_at=None, message_id__isnull=False),
                fields=["person"],
                name="one_open_question_a_person",
            ),
        ),
    ]
