from django.db import migrations

# As credits/differences.py would have guessed then, for every account at once. What an owner knew
# of expiries was not kept yet, so what went without a reason is unknown.
_NAME = """
INSERT INTO credits_difference
       (public_id, account_id, entry_id, kind, amount, found_at, note, named_by_id, named_at)
SELECT gen_random_uuid(), entry.account_id, entry.id,
       CASE WHEN row_number() OVER (PARTITION BY entry.account_id ORDER BY entry.id) = 1
            THEN 'first_reading' WHEN entry.amount > 0 THEN 'top_up' ELSE 'unknown' END,
       entry.amount, entry.created_at, '', NULL, NULL
  FROM credits_ledgerentry AS entry
 WHERE entry.kind = 'wallet'
   AND NOT EXISTS (SELECT FROM credits_difference AS known WHERE known.entry_id = entry.id)
"""


class Migration(migrations.Migration):
    dependencies = [("credits", "0008_told_once")]
    operations = [
        migrations.RunSQL(_NAME, reverse_sql=migrations.RunSQL.noop),
    ]
