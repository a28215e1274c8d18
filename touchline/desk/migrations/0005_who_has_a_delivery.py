from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("desk", "0004_contact_form_posts")]

    operations = [
        migrations.AddField(
            model_name="delivery",
            name="claimed_until",
            field=models.DateTimeField(blank=True, help_text="until when whoever sent it last had it to send", null=True),
        )
    ]
