from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    # The table may be long and is written all the time: its index is built beside the writing.
    atomic = False
    dependencies = [("briefs", "0009_from_talk")]
    operations = [
        AddIndexConcurrently(
            model_name="brief",
            index=models.Index(
                fields=["from_turn"],
                condition=models.Q(("from_turn__isnull", False)),
                name="brief_of_turn",
            ),
        ),
    ]
