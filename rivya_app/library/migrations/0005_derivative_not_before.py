from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("library", "0004_bytes_by_name")]
    operations = [
        migrations.AddField(
            "derivative", "not_before", models.DateTimeField(blank=True, null=True)
        ),
    ]
