"""Before bytes are forgotten it is asked whether somebody attached them."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("desk", "0010_what_goes_out")]

    operations = [
        migrations.AddIndex("attachment", models.Index(fields=["digest"], name="attachment_by_its_bytes")),
    ]
