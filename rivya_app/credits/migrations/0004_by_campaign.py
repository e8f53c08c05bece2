from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    # The ledger may be long and is written all the time: its index is built beside the writing.
    atomic = False
    dependencies = [
        ("credits", "0003_quick_pages"),
        ("gateway", "0005_lean_inbox"),
        ("workspaces", "0002_campaigns"),
    ]
    operations = [
        AddIndexConcurrently(
            model_name="ledgerentry",
            index=models.Index(
                fields=["campaign"],
                include=["amount", "spent"],
                condition=models.Q(campaign__isnull=False),
                name="ledger_by_campaign",
            ),
        ),
    ]
