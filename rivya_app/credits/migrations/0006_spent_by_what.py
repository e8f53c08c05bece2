from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    # The ledger may be long and is written all the time: its index is built beside the writing.
    atomic = False
    dependencies = [("credits", "0005_owners_side")]
    operations = [
        AddIndexConcurrently(
            model_name="ledgerentry",
            index=models.Index(
                fields=["account", "created_at"],
                include=["spent", "member", "campaign", "workflow", "api_key", "model_id"],
                condition=~models.Q(spent=0),
                name="ledger_spent_by_what",
            ),
        ),
        RemoveIndexConcurrently(model_name="ledgerentry", name="ledger_spent"),
    ]
