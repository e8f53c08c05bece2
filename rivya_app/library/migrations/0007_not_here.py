from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    # The table may be long and is written all the time: its index is built beside the writing.
    atomic = False
    dependencies = [("library", "0006_remote_copy_not_before")]
    operations = [
        AddIndexConcurrently(
            model_name="storedfile",
            index=models.Index(
                fields=["workspace", "-created_at"],
                condition=models.Q(state__in=["pending", "broken"]),
                name="file_not_here",
            ),
        ),
    ]
