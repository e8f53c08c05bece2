from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    # As 0010: built beside the writing.
    atomic = False
    dependencies = [("briefs", "0011_attempts_from_talk")]
    operations = [
        AddIndexConcurrently(
            model_name="draft",
            index=models.Index(
                fields=["from_turn"],
                condition=models.Q(("from_turn__isnull", False)),
                name="draft_of_turn",
            ),
        ),
    ]
