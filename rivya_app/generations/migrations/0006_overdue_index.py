from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # the index is built while jobs go on being written
    dependencies = [("generations", "0005_references")]
    operations = [
        AddIndexConcurrently(
            "generation",
            models.Index(
                fields=["submitted_at"],
                condition=models.Q(status="processing", needs_look=False),
                name="job_overdue",
            ),
        ),
    ]
