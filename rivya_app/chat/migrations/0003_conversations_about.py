from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("chat", "0002_append_only")]
    operations = [
        migrations.AddIndex(
            model_name="conversation",
            index=models.Index(
                fields=["about"],
                condition=models.Q(("about", ""), _negated=True),
                name="conversation_about",
            ),
        ),
    ]
