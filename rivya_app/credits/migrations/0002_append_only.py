from django.db import migrations

from rivya_app.core.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [("credits", "0001_initial")]
    operations = [
        append_only("credits_ledgerentry"),
        append_only("credits_walletsnapshot"),
    ]
