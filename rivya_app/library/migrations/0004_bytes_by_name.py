"""Who else needs the same bytes is asked for every file that goes."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("library", "0003_check_states")]

    operations = [
        AddIndexConcurrently(
            "storedfile",
            models.Index(
                fields=["storage_name"],
                condition=~models.Q(storage_name=""),
                name="file_by_bytes",
            ),
        ),
        AddIndexConcurrently(
            "storedfile",
            models.Index(
                fields=["thumbnail_name"],
                condition=~models.Q(thumbnail_name=""),
                name="file_by_thumbnail",
            ),
        ),
        AddIndexConcurrently(
            "storedfile",
            models.Index(
                fields=["workspace", "changed_at"],
                condition=models.Q(state="stored"),
                name="file_by_age",
            ),
        ),
        AddIndexConcurrently(
            "derivative",
            models.Index(
                fields=["storage_name"],
                condition=~models.Q(storage_name=""),
                name="derivative_by_bytes",
            ),
        ),
    ]
