"""Migration operations that make PostgreSQL refuse changes to rows that are kept for ever."""

from django.db.migrations.operations import RunSQL

_FUNCTION = """
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% rows are never changed or deleted', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END
$$
"""
_TRIGGER = """
CREATE TRIGGER {trigger} BEFORE UPDATE OR DELETE ON {table}
FOR EACH ROW EXECUTE FUNCTION refuse_change()
"""


def append_only(table: str) -> RunSQL:
    """Refuse UPDATE and DELETE on `table`. TRUNCATE stays possible, for tests and for a reset."""
    trigger = f"{table}_append_only"
    return RunSQL(
        sql=[_FUNCTION, _TRIGGER.format(trigger=trigger, table=table)],
        reverse_sql=f"DROP TRIGGER {trigger} ON {table}",
    )
