import django.db.models.deletion
import rivya_app.core.clock
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('gateway', '0001_initial'),
        ('workspaces', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Generation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('title', models.CharField(max_length=200)),
                ('media_kind', models.CharField(max_length=10)),
                ('model_id', models.CharField(max_length=120)),
                ('body', models.TextField()),
                ('body_sha256', models.CharField(max_length=64)),
                ('idempotency_key', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('estimated_credits', models.DecimalField(decimal_places=2, max_digits=14)),
                ('status', models.CharField(choices=[('queued', 'Queued'), ('submitting', 'Queued'), ('processing', 'Processing'), ('succeeded', 'Succeeded'), ('failed', 'Failed')], default='queued', max_length=12)),
                ('task_id', models.CharField(blank=True, max_length=200)),
                ('remote_status', models.CharField(blank=True, max_length=60)),
                ('reserved_credits', models.DecimalField(decimal_places=2, max_digits=14, null=True)),
                ('final_credits', models.DecimalField(decimal_places=2, max_digits=14, null=True)),
                ('error_code', models.CharField(blank=True, max_length=80)),
                ('request_id', models.CharField(blank=True, max_length=120)),
                ('is_uncertain', models.BooleanField(default=False)),
                ('needs_look', models.BooleanField(default=False)),
                ('submit_count', models.PositiveIntegerField(default=0)),
                ('check_count', models.PositiveIntegerField(default=0)),
                ('trouble_count', models.PositiveIntegerField(default=0)),
                ('next_check_at', models.DateTimeField(blank=True, default=rivya_app.core.clock.now, null=True)),
                ('created_at', models.DateTimeField(default=rivya_app.core.clock.now)),
                ('submitted_at', models.DateTimeField(blank=True, null=True)),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
                ('changed_at', models.DateTimeField(default=rivya_app.core.clock.now)),
                ('api_key', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='generations', to='gateway.apikey')),
                ('campaign', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='workspaces.campaign')),
                ('parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='next_attempts', to='generations.generation')),
                ('requested_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='generations', to='workspaces.membership')),
                ('workflow', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='generations', to='gateway.workflow')),
                ('workspace', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='generations', to='workspaces.workspace')),
            ],
            options={
                'ordering': ['-created_at', '-id'],
            },
        ),
        migrations.CreateModel(
            name='GenerationEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=40)),
                ('cause', models.CharField(max_length=20)),
                ('status_before', models.CharField(blank=True, max_length=12)),
                ('status_after', models.CharField(blank=True, max_length=12)),
                ('details', models.JSONField(default=dict)),
                ('created_at', models.DateTimeField(default=rivya_app.core.clock.now)),
                ('generation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='events', to='generations.generation')),
                ('member', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='workspaces.membership')),
            ],
            options={
                'ordering': ['id'],
            },
        ),
        migrations.AddIndex(
            model_name='generation',
            index=models.Index(condition=models.Q(('status__in', ('queued', 'submitting', 'processing'))), fields=['next_check_at'], name='job_due'),
        ),
        migrations.AddIndex(
            model_name='generation',
            index=models.Index(fields=['workspace', '-created_at'], name='job_by_workspace'),
        ),
        migrations.AddIndex(
            model_name='generation',
            index=models.Index(condition=models.Q(('status', 'succeeded')), fields=['model_id', '-finished_at'], name='job_model_history'),
        ),
        migrations.AddConstraint(
            model_name='generation',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['queued', 'submitting', 'processing', 'succeeded', 'failed'])), name='job_status_known'),
        ),
        migrations.AddConstraint(
            model_name='generation',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('finished_at__isnull', False), ('status__in', ('succeeded', 'failed'))), models.Q(models.Q(('status__in', ('succeeded', 'failed')), _negated=True), ('finished_at__isnull', True)), _connector='OR'), name='job_finished_when_closed'),
        ),
        migrations.AddConstraint(
            model_name='generation',
            constraint=models.UniqueConstraint(condition=models.Q(('task_id', ''), _negated=True), fields=('api_key', 'task_id'), name='job_task_once'),
        ),
    ]
