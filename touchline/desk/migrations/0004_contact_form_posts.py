import django.db.models.deletion
import touchline.desk.models.row
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("desk", "0003_the_account_goes_on")]

    operations = [
        migrations.AddField(
            model_name="contactform",
            name="thanks",
            field=models.TextField(blank=True, verbose_name="words once it is sent"),
        ),
        migrations.CreateModel(
            name="FormPost",
            fields=[
                (
                    "id",
                    models.BigIntegerField(
                        default=touchline.desk.models.row.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("at", models.DateTimeField()),
                ("digest", models.CharField(help_text="of what was written", max_length=64)),
                ("network", models.CharField(max_length=32)),
                ("writer", models.CharField(max_length=32)),
                (
                    "form",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="desk.contactform"),
                ),
                (
                    "inbound",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="desk.inboundemail"),
                ),
            ],
            options={"indexes": [models.Index(fields=["form", "-at"], name="form_posts_of_form")]},
        ),
    ]
