import django.contrib.postgres.fields
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
            name='CatalogueModel',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('model_id', models.CharField(max_length=120, unique=True)),
                ('display_name', models.CharField(max_length=160)),
                ('category', models.CharField(max_length=40)),
                ('runtime', models.CharField(blank=True, max_length=40)),
                ('base_credits', models.DecimalField(decimal_places=2, max_digits=12, null=True)),
                ('billing_type', models.CharField(blank=True, max_length=40)),
                ('max_prompt_length', models.PositiveIntegerField(null=True)),
                ('api_status', models.CharField(max_length=40)),
                ('api_input_status', models.CharField(blank=True, max_length=60)),
                ('payload', models.JSONField(default=dict)),
                ('first_seen_at', models.DateTimeField(default=rivya_app.core.clock.now)),
                ('read_at', models.DateTimeField(default=rivya_app.core.clock.now)),
                ('gone_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'ordering': ['category', 'display_name'],
            },
        ),
        migrations.CreateModel(
            name='ApiKey',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('purpose', models.SlugField(max_length=80, verbose_name='purpose')),
                ('environment', models.CharField(choices=[('production', 'Production'), ('staging', 'Staging'), ('test', 'Test')], default='production', max_length=20, verbose_name='environment')),
                ('secret', rivya_app.core.sealed.SealedTextField(editable=False)),
                ('fingerprint', models.CharField(editable=False, max_length=64)),
                ('prefix', models.CharField(editable=False, max_length=16)),
                ('last_four', models.CharField(editable=False, max_length=4)),
                ('scopes_found', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), blank=True, default=list, size=None)),
                ('state', models.CharField(choices=[('active', 'In use'), ('refused', 'Refused by Rivya'), ('retired', 'Retired')], default='active', max_length=20)),
                ('created_at', models.DateTimeField(default=rivya_app.core.clock.now)),
                ('checked_at', models.DateTimeField(blank=True, null=True)),
                ('last_used_at', models.DateTimeField(blank=True, null=True)),
                ('last_error_code', models.CharField(blank=True, max_length=80)),
                ('last_error_at', models.DateTimeField(blank=True, null=True)),
                ('retired_at', models.DateTimeField(blank=True, null=True)),
                ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='workspaces.membership')),
                ('workspace', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='api_keys', to='workspaces.workspace')),
            ],
            options={
                'ordering': ['purpose'],
            },
        ),
        migrations.CreateModel(
            name='Workflow',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('moment', models.CharField(choices=[('listing_images', 'Listing image drafts')], max_length=40)),
                ('default_model_id', models.CharField(blank=True, max_length=120)),
                ('created_at', models.DateTimeField(default=rivya_app.core.clock.now)),
                ('api_key', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='workflows', to='gateway.apikey')),
                ('workspace', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='workflows', to='workspaces.workspace')),
            ],
        ),
        migrations.AddConstraint(
            model_name='apikey',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'retired'), _negated=True), fields=('workspace', 'purpose', 'environment'), name='key_purpose_once'),
        ),
        migrations.AddConstraint(
            model_name='apikey',
            constraint=models.UniqueConstraint(fields=('fingerprint',), name='key_secret_once'),
        ),
        migrations.AddConstraint(
            model_name='apikey',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['active', 'refused', 'retired'])), name='key_state_known'),
        ),
        migrations.AddConstraint(
            model_name='workflow',
            constraint=models.UniqueConstraint(fields=('workspace', 'moment'), name='workflow_moment_once'),
        ),
    ]
