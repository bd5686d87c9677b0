"""The first form of the database: infrastructure, golden tables, views, policies. Runs before any deployment.

``hub_tables.sql`` and ``golden_tables.txt`` beside this file are its frozen parts: the model of later versions does
not change what this migration makes.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from alembic import op

revision = "0001"
down_revision = None

HERE = Path(__file__).parent
HEAD = (
    "tenant_id integer NOT NULL, id uuid NOT NULL, version integer NOT NULL, record_state text NOT NULL, "
    "created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL, extra jsonb"
)
SECRET_COLUMNS = {"system": ("secrets", "config"), "subscription": ("secret",)}
VIEWED = (
    "source_record", "awaiting", "decision", "forward", "task", "inbox_open", "inbox_outcome", "system", "mode", "code_map",
    "policy", "subscription", "lane", "attempt", "checkpoint", "extension_field", "feed_head",
)  # fmt: skip


def upgrade() -> None:
    for role in ("hub_worker", "hub_api", "hub_examiner"):
        op.execute(
            f"DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') "
            f"THEN CREATE ROLE {role}; END IF; END $$"
        )
    for schema in ("hub", "golden", "api"):
        op.execute(f"CREATE SCHEMA {schema}")
    for statement in (HERE / "hub_tables.sql").read_text().split(";\n"):
        if statement.strip():
            op.execute(statement.replace(":", "\\:"))
    for statement in golden_statements((HERE / "golden_tables.txt").read_text()):
        op.execute(statement)
    for table in VIEWED:
        _view_of(f"hub.{table}", hidden=SECRET_COLUMNS.get(table, ()))
    op.execute(CHANGE_VIEW)
    op.execute(INBOX_VIEW)
    op.execute("GRANT CREATE, USAGE ON SCHEMA api TO hub_worker")
    op.execute(SECURE)


def golden_statements(frozen: str) -> Iterator[str]:
    """DDL of the golden tables: a line an entity, ``name column:type>target …`` then ``# index expressions``."""
    entities = [line.partition(" ") for line in frozen.splitlines() if line]
    for entity, _, rest in entities:
        columns, _, indexes = rest.partition(" # ")
        specs = [spec.partition(":") for spec in columns.split()]
        typed = "".join(f", {name} {kind.partition('>')[0]}" for name, _, kind in specs)
        yield f"CREATE TABLE golden.{entity} ({HEAD}{typed}, PRIMARY KEY (tenant_id, id)) WITH (fillfactor = 85)"
        yield (
            f"CREATE TABLE golden.{entity}_version ({HEAD}{typed}, lineage jsonb NOT NULL, recorded_at timestamptz NOT NULL, "
            "PRIMARY KEY (tenant_id, id, version))"
        )
        yield f"CREATE INDEX ix_{entity}_extra ON golden.{entity} USING gin (extra jsonb_path_ops)"
        for index in indexes.split():
            name, _, expression = index.partition("=")
            yield f"CREATE INDEX {name} ON golden.{entity} (tenant_id, {expression.replace('~', ' ')})"
        names = ", ".join(("id", "version", "record_state", "created_at", "updated_at", "extra", *(s[0] for s in specs)))
        for view, more in ((entity, ""), (f"{entity}_version", ", lineage, recorded_at")):
            yield f"CREATE VIEW api.{view} AS SELECT {names}{more} FROM golden.{view} WHERE {MINE}"
    for entity, _, rest in entities:
        for spec in rest.partition(" # ")[0].split():
            column, _, target = spec.partition(":uuid>")
            if target:
                yield (
                    f"ALTER TABLE golden.{entity} ADD CONSTRAINT fk_{entity}_{column.removesuffix('_id')} "
                    f"FOREIGN KEY (tenant_id, {column}) REFERENCES golden.{target} (tenant_id, id) "
                    "DEFERRABLE INITIALLY DEFERRED"
                )


MINE = "tenant_id = current_setting('hub.tenant')\\:\\:integer"


def _view_of(table: str, hidden: tuple[str, ...]) -> None:
    """``api.<table>`` with every column but the tenant's id and what must never be read back.

    ``hub.task`` is shown as ``steward_task``, since the entity task (work breakdown) has the plain name.
    """
    schema, _, name = table.partition(".")
    view = "steward_task" if name == "task" else name
    op.execute(
        f"""DO $$ DECLARE names text; BEGIN
            SELECT string_agg(quote_ident(column_name), ', ' ORDER BY ordinal_position) INTO names
              FROM information_schema.columns
             WHERE table_schema = '{schema}' AND table_name = '{name}'
               AND column_name <> 'tenant_id' AND column_name <> ALL ('{{{",".join(hidden)}}}'\\:\\:text[]);
            EXECUTE format('CREATE VIEW api.{view} AS SELECT %s FROM {table} WHERE {MINE.replace("'", "''")}', names);
        END $$"""
    )


CHANGE_VIEW = f"""
CREATE VIEW api.change AS
SELECT f.position, c.id, c.entity, c.golden_id, c.version, c.op, c.before, c.after, c.cause, c.actor,
       c.correlation_id, c.message_id, c.is_backfill, c.at
  FROM hub.change c
  LEFT JOIN hub.feed f ON f.tenant_id = c.tenant_id AND f.change_id = c.id
 WHERE c.{MINE}
"""

INBOX_VIEW = f"""
CREATE VIEW api.inbox AS
SELECT i.id, i.system, i.object, i.external_id, i.idempotency_key, i.body, i.is_delete, i.version, i.channel, i.actor,
       i.correlation_id, i.is_backfill, i.received_at,
       CASE WHEN o.inbox_id IS NOT NULL THEN 'open' ELSE coalesce(r.outcome, 'applied') END AS outcome,
       r.task_id, r.detail, r.settled_at
  FROM hub.inbox i
  LEFT JOIN hub.inbox_open o ON o.tenant_id = i.tenant_id AND o.inbox_id = i.id
  LEFT JOIN hub.inbox_outcome r ON r.tenant_id = i.tenant_id AND r.inbox_id = i.id
 WHERE i.{MINE}
"""

SECURE = """
DO $$
DECLARE one record;
BEGIN
    FOR one IN SELECT schemaname AS s, tablename AS t FROM pg_tables WHERE schemaname IN ('hub', 'golden') LOOP
        EXECUTE format('ALTER TABLE %I.%I ENABLE ROW LEVEL SECURITY', one.s, one.t);
        EXECUTE format('ALTER TABLE %I.%I FORCE ROW LEVEL SECURITY', one.s, one.t);
        EXECUTE format('CREATE POLICY worker ON %I.%I TO hub_worker USING (true) WITH CHECK (true)', one.s, one.t);
        EXECUTE format('CREATE POLICY examiner ON %I.%I FOR SELECT TO hub_examiner USING (true)', one.s, one.t);
    END LOOP;
    GRANT SELECT ON ALL TABLES IN SCHEMA api TO hub_api;  -- before they change hands: the migrating owner need not be superuser
    FOR one IN SELECT schemaname AS s, viewname AS t FROM pg_views WHERE schemaname = 'api' LOOP
        EXECUTE format('ALTER VIEW %I.%I OWNER TO hub_worker', one.s, one.t);
    END LOOP;
    GRANT USAGE ON SCHEMA hub, golden TO hub_worker, hub_examiner;
    GRANT USAGE ON SCHEMA api TO hub_api, hub_worker, hub_examiner;
    GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA hub, golden TO hub_worker;
    GRANT USAGE ON ALL SEQUENCES IN SCHEMA hub TO hub_worker;
    GRANT SELECT ON ALL TABLES IN SCHEMA hub, golden TO hub_examiner;
    REVOKE UPDATE, DELETE ON hub.change FROM hub_worker;
END $$
"""


def downgrade() -> None:
    for schema in ("api", "golden", "hub"):
        op.execute(f"DROP SCHEMA {schema} CASCADE")
