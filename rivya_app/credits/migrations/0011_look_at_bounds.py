from django.db import migrations

# What credits/limits.py asks before every hold, behind the account's lock. A function, because its
# plans are kept: written out, planning alone took longer than everything else about a hold.
# A key stands for every key of its line: a new secret is no new budget.
_BOUNDS = """
CREATE FUNCTION credits_bounds(
    of_workspace bigint, of_member bigint, of_campaign bigint, of_key bigint, of_month text,
    of_reference text
) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
DECLARE
    own bigint;
    keys bigint[];
BEGIN
    SELECT id INTO own FROM credits_creditaccount WHERE workspace_id = of_workspace;
    IF of_key IS NOT NULL THEN
        keys := ARRAY(SELECT id FROM gateway_apikey WHERE line = (
            SELECT line FROM gateway_apikey WHERE id = of_key));
    END IF;
    RETURN jsonb_build_object(
        'is_held', EXISTS (
            SELECT FROM credits_ledgerentry WHERE reference = of_reference AND kind = 'hold'),
        'budget', (SELECT budget FROM workspaces_campaign WHERE id = of_campaign),
        'limits', (
            SELECT jsonb_agg(jsonb_build_array(
                id, scope, coalesce(campaign_id, member_id, api_key_id, account_id),
                period, amount, is_hard, thresholds))
              FROM credits_limit
             WHERE account_id = own AND ended_at IS NULL
               AND (scope = 'workspace' OR campaign_id = of_campaign OR member_id = of_member
                    OR api_key_id = ANY (keys))),
        'usage', (
            SELECT jsonb_agg(jsonb_build_array(scope, subject_id, period, held, spent))
              FROM credits_usage
             WHERE account_id = own AND period IN ('', of_month)
               AND (scope = 'workspace'
                    OR (scope = 'campaign' AND subject_id = of_campaign)
                    OR (scope = 'member' AND subject_id = of_member)
                    OR (scope = 'key' AND subject_id = ANY (keys))))
    );
END
$$
"""
# What credits/usage.py adds with an entry, for each scope that it names.
_COUNT = """
CREATE FUNCTION credits_count(
    of_account bigint, of_campaign bigint, of_member bigint, of_key bigint, of_period text,
    more_held numeric, more_spent numeric
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO credits_usage AS kept (account_id, scope, subject_id, period, held, spent)
    SELECT of_account, scope, subject_id, of_period, more_held, more_spent
      FROM (VALUES ('workspace', of_account), ('campaign', of_campaign), ('member', of_member),
                   ('key', of_key)) AS named (scope, subject_id)
     WHERE subject_id IS NOT NULL
        ON CONFLICT (account_id, scope, subject_id, period)
        DO UPDATE SET held = kept.held + EXCLUDED.held, spent = kept.spent + EXCLUDED.spent;
END
$$
"""


class Migration(migrations.Migration):
    dependencies = [
        ("credits", "0010_closed_by_what"),
        ("gateway", "0008_lines_of_keys"),
        ("workspaces", "0005_seen_and_heirs"),
    ]
    operations = [
        migrations.RunSQL(
            _BOUNDS,
            reverse_sql="DROP FUNCTION credits_bounds(bigint, bigint, bigint, bigint, text, text)",
        ),
        migrations.RunSQL(
            _COUNT,
            reverse_sql=(
                "DROP FUNCTION credits_count(bigint, bigint, bigint, bigint, text, numeric, numeric)"
            ),
        ),
    ]
