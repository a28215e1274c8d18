from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("desk", "0008_what_comes_in")]

    operations = [
        migrations.AddIndex(
            model_name="inboundemail",
            index=models.Index(condition=~models.Q(via="import"), fields=["mailbox", "-id"], name="inbound_email_last"),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(condition=models.Q(sent_at__isnull=False), fields=["mailbox", "-id"], name="delivery_last_sent"),
        ),
    ]
