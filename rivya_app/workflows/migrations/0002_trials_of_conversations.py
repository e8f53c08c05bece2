import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("chat", "0002_append_only"),
        ("workflows", "0001_trial_run"),
    ]
    operations = [
        migrations.AlterField(
            model_name="trialrun",
            name="generation",
            field=models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="trial_run",
                to="generations.generation",
            ),
        ),
        migrations.AddField(
            model_name="trialrun",
            name="turn",
            field=models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="trial_run",
                to="chat.turn",
            ),
        ),
        migrations.AddConstraint(
            model_name="trialrun",
            constraint=models.CheckConstraint(
                condition=models.Q(("generation__isnull", False), ("turn__isnull", True))
                | models.Q(("generation__isnull", True), ("turn__isnull", False)),
                name="trial_run_of_one",
            ),
        ),
    ]
