import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("briefs", "0010_briefs_of_turns"),
        ("chat", "0002_append_only"),
    ]
    operations = [
        migrations.AddField(
            model_name="draft",
            name="from_turn",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="chat.turn",
            ),
        ),
    ]
