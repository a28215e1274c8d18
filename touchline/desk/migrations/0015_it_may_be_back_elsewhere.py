"""A blocker may be back elsewhere: from a colleague at the same organization, too, whose domain is found by an index."""

import touchline.desk.models.person
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("desk", "0014_what_stands_in_many_peoples_way"),
    ]

    operations = [
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
                    ("same_as", "it is as with a colleague of theirs"),
                    ("not_back", "it is something else"),
                    ("shared", "others have this too"),
                    ("unshared", "it is only theirs"),
                    ("undone", "undone"),
                ],
                max_length=20,
            ),
        ),
        migrations.AddIndex(
            model_name="address",
            index=models.Index(touchline.desk.models.person.Domain("email"), name="address_of_domain"),
        ),
    ]
