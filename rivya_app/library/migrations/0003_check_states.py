from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    """Apart from the step before, so that reading the whole table holds no strong lock."""

    dependencies = [("library", "0002_references_and_uses")]
    operations = [ValidateConstraint("storedfile", "file_state_known")]
