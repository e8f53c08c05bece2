import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("briefs", "0008_those_that_wait"),
        ("chat", "0002_append_only"),
    ]
    operations = [
        migrations.AddField(
            model_name="brief",
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
