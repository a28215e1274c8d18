"""What calls to a webhook are signed with is kept as every other secret is: encrypted."""

import touchline.desk.keys
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("desk", "0015_it_may_be_back_elsewhere"),
    ]

    operations = [
        migrations.AlterField(
            model_name="webhook",
            name="secret",
            field=touchline.desk.keys.Secret(help_text="what our calls are signed with"),
        ),
    ]
