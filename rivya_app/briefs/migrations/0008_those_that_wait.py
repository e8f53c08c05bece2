from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    # The table may be long and is written all the time: its index is built beside the writing.
    atomic = False
    dependencies = [("briefs", "0007_owners_side")]
    operations = [
        AddIndexConcurrently(
            model_name="brief",
            index=models.Index(
                fields=["workspace", "-created_at"],
                condition=models.Q(("state", "started"), _negated=True),
                name="brief_waits",
            ),
        ),
    ]
