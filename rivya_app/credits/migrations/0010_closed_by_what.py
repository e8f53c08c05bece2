from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    # The ledger may be long and is written all the time: its index is built beside the writing.
    atomic = False
    dependencies = [("credits", "0009_name_what_was_found")]
    operations = [
        AddIndexConcurrently(
            model_name="ledgerentry",
            index=models.Index(
                fields=["account", "created_at"],
                include=[
                    "amount", "spent", "member", "campaign", "workflow", "api_key", "model_id",
                ],
                condition=models.Q(kind__in=["settle", "release"]),
                name="ledger_closed_by_what",
            ),
        ),
    ]
