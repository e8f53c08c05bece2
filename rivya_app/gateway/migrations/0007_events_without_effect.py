from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    # The table may be long and is written all the time: its index is built beside the writing.
    atomic = False
    dependencies = [("gateway", "0006_owners_side")]
    operations = [
        AddIndexConcurrently(
            model_name="inboxevent",
            index=models.Index(
                fields=["workspace", "-received_at"],
                condition=models.Q(
                    state="ignored",
                    reason__in=("unreadable", "early", "still_running", "could_not_ask", "trouble"),
                ),
                name="inbox_without_effect",
            ),
        ),
    ]
