"""What is needed to sign in at a provider that is neither Google nor Microsoft, and room for a mark that tells what is still undone."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("desk", "0006_visits_and_silence")]

    operations = [
        migrations.AlterField("mailbox", "imap_mark", models.TextField(blank=True, help_text="how far we have read the folder")),
        migrations.AddField(
            "mailbox",
            "oauth_issuer",
            models.CharField(blank=True, default="", max_length=255, verbose_name="address of the provider"),
            preserve_default=False,
        ),
        migrations.AddField(
            "mailbox",
            "oauth_scope",
            models.CharField(blank=True, default="", max_length=500, verbose_name="what we ask to be allowed"),
            preserve_default=False,
        ),
    ]
