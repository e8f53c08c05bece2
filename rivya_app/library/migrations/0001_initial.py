import django.db.models.deletion
import rivya_app.core.clock
import rivya_app.core.sealed
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('workspaces', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='StoredFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('source', models.CharField(max_length=80)),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('expected_kind', models.CharField(choices=[('image', 'Image'), ('video', 'Video'), ('audio', 'Audio')], max_length=10)),
                ('title', models.CharField(blank=True, max_length=200)),
                ('state', models.CharField(choices=[('pending', 'Being copied'), ('stored', 'Stored'), ('broken', 'Could not be copied')], default='pending', max_length=10)),
                ('remote_url', rivya_app.core.sealed.SealedTextField(blank=True, default='')),
                ('attempt_count', models.PositiveSmallIntegerField(default=0)),
                ('next_copy_at', models.DateTimeField(blank=True, default=rivya_app.core.clock.now, null=True)),
                ('not_before', models.DateTimeField(blank=True, null=True)),
                ('trouble', models.CharField(blank=True, max_length=60)),
                ('kind', models.CharField(blank=True, choices=[('image', 'Image'), ('video', 'Video'), ('audio', 'Audio')], max_length=10)),
                ('mime_type', models.CharField(blank=True, max_length=60)),
                ('sha256', models.CharField(blank=True, max_length=64)),
                ('size', models.BigIntegerField(null=True)),
                ('width', models.PositiveIntegerField(null=True)),
                ('height', models.PositiveIntegerField(null=True)),
                ('duration', models.FloatField(null=True)),
                ('storage_name', models.CharField(blank=True, max_length=200)),
                ('thumbnail_name', models.CharField(blank=True, max_length=200)),
                ('created_at', models.DateTimeField(default=rivya_app.core.clock.now)),
                ('stored_at', models.DateTimeField(blank=True, null=True)),
                ('changed_at', models.DateTimeField(default=rivya_app.core.clock.now)),
                ('made_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='workspaces.membership')),
                ('workspace', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='files', to='workspaces.workspace')),
            ],
            options={
                'ordering': ['source', 'position'],
                'indexes': [models.Index(condition=models.Q(('state', 'pending')), fields=['next_copy_at'], name='file_copy_due'), models.Index(fields=['workspace', '-created_at'], name='file_by_workspace')],
                'constraints': [models.UniqueConstraint(fields=('source', 'position'), name='file_source_once'), models.CheckConstraint(condition=models.Q(('state__in', ['pending', 'stored', 'broken'])), name='file_state_known'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'stored'), _negated=True), models.Q(('size__isnull', False), models.Q(('sha256', ''), _negated=True), models.Q(('storage_name', ''), _negated=True)), _connector='OR'), name='file_stored_has_bytes')],
            },
        ),
    ]
