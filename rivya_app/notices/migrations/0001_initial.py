import django.db.models.deletion
import rivya_app.core.clock
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('workspaces', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Notice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('kind', models.CharField(choices=[('result_ready', 'A result is ready'), ('job_failed', 'A job failed'), ('needs_look', 'A job needs a look'), ('low_credits', 'Credits are low'), ('key_trouble', 'A key is not accepted')], max_length=30)),
                ('facts', models.JSONField(default=dict)),
                ('link', models.CharField(blank=True, max_length=300)),
                ('event_key', models.CharField(max_length=160)),
                ('created_at', models.DateTimeField(default=rivya_app.core.clock.now)),
                ('read_at', models.DateTimeField(blank=True, null=True)),
                ('member', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='notices', to='workspaces.membership')),
            ],
            options={
                'ordering': ['-created_at', '-id'],
                'indexes': [models.Index(fields=['member', '-created_at'], name='notice_by_member'), models.Index(condition=models.Q(('read_at', None)), fields=['member'], name='notice_unread')],
                'constraints': [models.UniqueConstraint(fields=('member', 'event_key'), name='notice_told_once')],
            },
        ),
    ]
