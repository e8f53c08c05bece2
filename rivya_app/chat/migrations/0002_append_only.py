from django.db import migrations

from rivya_app.core.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [("chat", "0001_initial")]

    operations = [append_only("chat_turnevent")]
