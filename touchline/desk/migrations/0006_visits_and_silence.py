from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("desk", "0005_who_has_a_delivery")]

    operations = [
        migrations.AddField(
            model_name="checkup",
            name="due_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="checkup",
            name="tries",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="checkup",
            name="trouble",
            field=models.TextField(blank=True, help_text="why the last try failed, in a sentence"),
        ),
        migrations.AddField(
            model_name="checkup",
            name="looked_at",
            field=models.DateTimeField(blank=True, help_text="when all was tried but the mails to ourselves", null=True),
        ),
        migrations.AddField(
            model_name="checkup",
            name="back",
            field=models.JSONField(
                default=dict, help_text="of the plain and the tagged one: the folder it was in, or why it was returned"
            ),
        ),
        migrations.AlterField(
            model_name="checkup",
            name="steps",
            field=models.JSONField(default=list, help_text="way, name, worked, words, meaning and fix of each step so far"),
        ),
        migrations.AddField(
            model_name="mailbox",
            name="quiet_fine_at",
            field=models.DateTimeField(blank=True, help_text="when a teammate said that this silence is fine", null=True),
        ),
        migrations.AddField(
            model_name="desk",
            name="worker_at",
            field=models.DateTimeField(blank=True, help_text="when the worker last said that it is at work", null=True),
        ),
        migrations.AddField(
            model_name="desk",
            name="door_trouble",
            field=models.TextField(blank=True, help_text="why the mail door takes nothing just now, in a sentence"),
        ),
    ]
