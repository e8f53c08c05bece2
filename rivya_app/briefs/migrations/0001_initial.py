import django.db.models.deletion
import rivya_app.core.clock
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('generations', '0001_initial'),
        ('workspaces', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Brief',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('form_token', models.UUIDField(editable=False)),
                ('product', models.CharField(max_length=120)),
                ('points', models.TextField(max_length=2000)),
                ('audience', models.CharField(blank=True, max_length=200)),
                ('channel', models.CharField(choices=[('marketplace', 'Marketplace listing'), ('shop', 'Own shop page'), ('social', 'Social post'), ('story', 'Story or reel'), ('banner', 'Web banner')], max_length=20)),
                ('style', models.CharField(choices=[('studio', 'Clean studio'), ('lifestyle', 'In everyday use'), ('festive', 'Festive'), ('minimal', 'Minimal'), ('bold', 'Bold and colourful')], max_length=20)),
                ('language', models.CharField(choices=[('en', 'English'), ('hi', 'Hindi')], max_length=5)),
                ('draft_count', models.PositiveSmallIntegerField()),
                ('model_id', models.CharField(max_length=120)),
                ('params', models.JSONField(default=dict)),
                ('prompt', models.TextField()),
                ('state', models.CharField(choices=[('started', 'Started'), ('needs_credits', 'Waiting for credits')], default='started', max_length=20)),
                ('needed_credits', models.DecimalField(decimal_places=2, max_digits=14, null=True)),
                ('balance_seen', models.DecimalField(decimal_places=2, max_digits=14, null=True)),
                ('created_at', models.DateTimeField(default=rivya_app.core.clock.now)),
                ('changed_at', models.DateTimeField(default=rivya_app.core.clock.now)),
                ('campaign', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='briefs', to='workspaces.campaign')),
                ('created_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='briefs', to='workspaces.membership')),
                ('workspace', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='briefs', to='workspaces.workspace')),
            ],
            options={
                'ordering': ['-created_at', '-id'],
            },
        ),
        migrations.CreateModel(
            name='Draft',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('position', models.PositiveSmallIntegerField()),
                ('attempt', models.PositiveSmallIntegerField(default=1)),
                ('brief', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='drafts', to='briefs.brief')),
                ('generation', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='draft', to='generations.generation')),
            ],
            options={
                'ordering': ['position', 'attempt'],
            },
        ),
        migrations.AddIndex(
            model_name='brief',
            index=models.Index(fields=['workspace', '-created_at'], name='brief_by_workspace'),
        ),
        migrations.AddConstraint(
            model_name='brief',
            constraint=models.UniqueConstraint(fields=('workspace', 'form_token'), name='brief_form_token_once'),
        ),
        migrations.AddConstraint(
            model_name='brief',
            constraint=models.CheckConstraint(condition=models.Q(('draft_count__gte', 1), ('draft_count__lte', 4)), name='brief_one_to_four'),
        ),
        migrations.AddConstraint(
            model_name='draft',
            constraint=models.UniqueConstraint(fields=('brief', 'position', 'attempt'), name='draft_attempt_once'),
        ),
    ]
