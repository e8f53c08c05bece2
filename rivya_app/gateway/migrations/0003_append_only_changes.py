from django.db import migrations

from rivya_app.core.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [("gateway", "0002_models_of_every_kind")]
    operations = [append_only("gateway_cataloguechange")]
