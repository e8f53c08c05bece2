from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("library", "0005_derivative_not_before")]

    operations = [
        migrations.AddField(
            model_name="remotecopy",
            name="not_before",
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
