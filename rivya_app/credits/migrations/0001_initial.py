import django.db.models.deletion
import rivya_app.core.clock
import uuid
from decimal import Decimal
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('gateway', '0001_initial'),
        ('workspaces', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='CreditAccount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('available', models.DecimalField(decimal_places=2, default=Decimal('0'), max_digits=14)),
                ('held', models.DecimalField(decimal_places=2, default=Decimal('0'), max_digits=14)),
                ('wallet', models.DecimalField(blank=True, decimal_places=2, max_digits=14, null=True)),
                ('wallet_read_at', models.DateTimeField(blank=True, null=True)),
                ('low_mark', models.DecimalField(decimal_places=2, default=Decimal('50'), max_digits=14)),
                ('changed_at', models.DateTimeField(default=rivya_app.core.clock.now)),
                ('workspace', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='credit_account', to='workspaces.workspace')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='LedgerEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('hold', 'Held before the call'), ('reserve', 'Reserved by Rivya'), ('settle', 'Settled'), ('release', 'Returned'), ('wallet', "Difference to Rivya's balance")], max_length=10)),
                ('amount', models.DecimalField(decimal_places=2, max_digits=14)),
                ('spent', models.DecimalField(decimal_places=2, default=Decimal('0'), max_digits=14)),
                ('reference', models.CharField(blank=True, max_length=80)),
                ('model_id', models.CharField(blank=True, max_length=120)),
                ('note', models.CharField(blank=True, max_length=200)),
                ('created_at', models.DateTimeField(default=rivya_app.core.clock.now)),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='entries', to='credits.creditaccount')),
                ('api_key', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='gateway.apikey')),
                ('campaign', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='workspaces.campaign')),
                ('member', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='workspaces.membership')),
                ('workflow', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='gateway.workflow')),
            ],
            options={
                'ordering': ['id'],
                'indexes': [models.Index(fields=['account', '-created_at'], name='ledger_by_time'), models.Index(fields=['reference'], name='ledger_by_reference')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('kind', 'hold')), fields=('reference',), name='ledger_held_once'), models.UniqueConstraint(condition=models.Q(('kind', 'reserve')), fields=('reference',), name='ledger_reserved_once'), models.UniqueConstraint(condition=models.Q(('kind__in', ['settle', 'release'])), fields=('reference',), name='ledger_closed_once'), models.CheckConstraint(condition=models.Q(models.Q(('kind', 'wallet'), ('reference', '')), models.Q(models.Q(('kind', 'wallet'), _negated=True), models.Q(('reference', ''), _negated=True)), _connector='OR'), name='ledger_reference_where_due'), models.CheckConstraint(condition=models.Q(('kind__in', ['hold', 'reserve', 'settle', 'release', 'wallet'])), name='ledger_kind_known')],
            },
        ),
        migrations.CreateModel(
            name='WalletSnapshot',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('balance', models.DecimalField(decimal_places=2, max_digits=14)),
                ('expected', models.DecimalField(decimal_places=2, max_digits=14, null=True)),
                ('read_at', models.DateTimeField(default=rivya_app.core.clock.now)),
                ('cause', models.CharField(max_length=40)),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='snapshots', to='credits.creditaccount')),
            ],
            options={
                'ordering': ['-read_at'],
                'indexes': [models.Index(fields=['account', '-read_at'], name='snapshot_by_time')],
            },
        ),
    ]
