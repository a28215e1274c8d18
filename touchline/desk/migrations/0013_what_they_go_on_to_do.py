"""What a product states waits to be looked at; a milestone is put away once; a blocker that is back elsewhere is decided on."""

import datetime
import django.db.models.deletion
import django.db.models.functions.text
import touchline.desk.models.row
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("desk", "0012_asking"),
    ]

    operations = [
        migrations.CreateModel(
            name="MilestoneSeen",
            fields=[
                (
                    "id",
                    models.BigIntegerField(
                        default=touchline.desk.models.row.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.AddField(
            model_name="camebacklink",
            name="decision",
            field=models.ForeignKey(
                blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="desk.activity"
            ),
        ),
        migrations.AddField(
            model_name="desk",
            name="back_within",
            field=models.DurationField(
                default=datetime.timedelta(days=90), help_text="how long after a blocker was moved it may be back elsewhere"
            ),
        ),
        migrations.AddField(
            model_name="notice",
            name="html",
            field=models.TextField(blank=True),
        ),
        migrations.AddField(
            model_name="productevent",
            name="digest",
            field=models.CharField(default="", help_text="of all that was stated with its key", max_length=64),
        ),
        migrations.AddField(
            model_name="productevent",
            name="due_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="productevent",
            name="email",
            field=models.CharField(
                blank=True, help_text="whom it is about, until we know them or 90 days are over", max_length=320
            ),
        ),
        migrations.AddField(
            model_name="productevent",
            name="external_id",
            field=models.CharField(blank=True, max_length=200),
        ),
        migrations.AddField(
            model_name="productevent",
            name="tries",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="productevent",
            name="trouble",
            field=models.TextField(blank=True, help_text="why the last try failed, in a sentence"),
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
                    ("undone", "undone"),
                ],
                max_length=20,
            ),
        ),
        migrations.AddIndex(
            model_name="productevent",
            index=models.Index(condition=models.Q(("due_at__isnull", False)), fields=["due_at"], name="product_event_due"),
        ),
        migrations.AddIndex(
            model_name="productevent",
            index=models.Index(condition=models.Q(("blocker__isnull", False)), fields=["-at"], name="product_event_milestone"),
        ),
        migrations.AddIndex(
            model_name="productevent",
            index=models.Index(
                django.db.models.functions.text.Lower("email"),
                condition=models.Q(("person", None)),
                name="product_event_of_address",
            ),
        ),
        migrations.AddField(
            model_name="milestoneseen",
            name="event",
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="seen", to="desk.productevent"),
        ),
        migrations.AddField(
            model_name="milestoneseen",
            name="teammate",
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddConstraint(
            model_name="milestoneseen",
            constraint=models.UniqueConstraint(fields=("teammate", "event"), name="a_milestone_is_put_away_once"),
        ),
    ]
