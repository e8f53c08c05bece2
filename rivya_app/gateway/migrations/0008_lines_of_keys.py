import uuid

from django.db import migrations, models

# Each key that was not rotated begins a line; a rotated one is in that of its successor.
_BEGIN = "UPDATE gateway_apikey SET line = gen_random_uuid()"
_JOIN = """
WITH RECURSIVE ends (id, line) AS (
    SELECT id, line FROM gateway_apikey WHERE replaced_by_id IS NULL
    UNION ALL
    SELECT earlier.id, ends.line FROM gateway_apikey AS earlier
      JOIN ends ON earlier.replaced_by_id = ends.id
)
UPDATE gateway_apikey AS key SET line = ends.line FROM ends WHERE key.id = ends.id
"""
# A row that changes twice has its references checked at the end, and until then its table is closed
# to what follows here.
_CHECK_NOW = "SET CONSTRAINTS ALL IMMEDIATE"


class Migration(migrations.Migration):
    dependencies = [("gateway", "0007_events_without_effect")]
    operations = [
        migrations.AddField(
            model_name="apikey",
            name="line",
            field=models.UUIDField(default=uuid.uuid4, editable=False, null=True),
        ),
        migrations.RunSQL([_BEGIN, _JOIN, _CHECK_NOW], reverse_sql=migrations.RunSQL.noop),
        migrations.AlterField(
            model_name="apikey",
            name="line",
            field=models.UUIDField(db_index=True, default=uuid.uuid4, editable=False),
        ),
    ]
