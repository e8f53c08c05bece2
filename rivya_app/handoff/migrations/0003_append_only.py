from django.db import migrations

from rivya_app.core.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [("handoff", "0002_parts")]
    operations = [
        append_only("handoff_override"),
        append_only("handoff_packageevent"),
        append_only("handoff_deliverytry"),
    ]
