from django.db import migrations

# As credits/usage.py counts, for every account at once; no workspace has chosen a zone yet.
_COUNT = """
WITH moved AS (
    SELECT entry.account_id, scope, subject_id, period, sum(held) AS held, sum(spent) AS spent
      FROM credits_ledgerentry AS entry,
           LATERAL (VALUES ('workspace', entry.account_id), ('campaign', entry.campaign_id),
                           ('member', entry.member_id), ('key', entry.api_key_id))
                   AS subject (scope, subject_id),
           LATERAL (VALUES ('', -entry.amount - entry.spent),
                           (to_char(entry.created_at AT TIME ZONE 'UTC', 'YYYY-MM'), 0))
                   AS part (period, held)
     WHERE entry.kind <> 'wallet' AND subject_id IS NOT NULL
     GROUP BY entry.account_id, scope, subject_id, period
)
INSERT INTO credits_usage (account_id, scope, subject_id, period, held, spent)
SELECT account_id, scope, subject_id, period, held, spent FROM moved
 WHERE period = '' OR spent <> 0
    ON CONFLICT DO NOTHING
"""
# Nothing may be written to the ledger between its counting and the first entry that is counted.
_ALONE = "LOCK TABLE credits_ledgerentry IN SHARE MODE"


class Migration(migrations.Migration):
    dependencies = [("credits", "0006_spent_by_what")]
    operations = [
        migrations.RunSQL([_ALONE, _COUNT], reverse_sql="DELETE FROM credits_usage"),
    ]
