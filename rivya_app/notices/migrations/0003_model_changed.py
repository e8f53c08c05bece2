from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('notices', '0002_webhook_trouble'),
    ]

    operations = [
        migrations.AlterField(
            model_name='notice',
            name='kind',
            field=models.CharField(choices=[('result_ready', 'A result is ready'), ('job_failed', 'A job failed'), ('needs_look', 'A job needs a look'), ('low_credits', 'Credits are low'), ('key_trouble', 'A key is not accepted'), ('webhook_trouble', 'A webhook endpoint cannot be relied on'), ('model_changed', 'A model that is used here changed')], max_length=30),
        ),
    ]
