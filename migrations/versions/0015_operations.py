"""What a restore leaves behind: which moment a database was brought back to, and whether deliveries may go on. Runs before the
deployment; the code before it goes on working.
"""

from __future__ import annotations

from alembic import op

revision = "0015"
down_revision = "0014"

TABLES = """
CREATE TABLE hub.restore (
    tenant_id   integer NOT NULL REFERENCES hub.tenant,
    id          bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    restored_at timestamptz NOT NULL,               -- when it was done
    restored_to timestamptz,                        -- the moment the records stand at; null: not known (a copy from elsewhere)
    epoch       integer NOT NULL,                   -- of the feed, begun by it
    way         text NOT NULL,                      -- base backup, dump, marked, other cluster
    resumed_at  timestamptz,                        -- nothing is delivered before
    resumed_by  text,
    adopts_until timestamptz,                       -- until then targets are asked for a record before one is created there
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX restore_open ON hub.restore (tenant_id) WHERE resumed_at IS NULL
"""
SECURE = """
ALTER TABLE hub.restore ENABLE ROW LEVEL SECURITY;
ALTER TABLE hub.restore FORCE ROW LEVEL SECURITY;
CREATE POLICY worker ON hub.restore TO hub_worker USING (true) WITH CHECK (true);
CREATE POLICY examiner ON hub.restore FOR SELECT TO hub_examiner USING (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON hub.restore TO hub_worker;
GRANT SELECT ON hub.restore TO hub_examiner
"""
ONCE = r"tenant_id = (SELECT (current_setting('hub.tenant'\:\:text))\:\:integer)"
SHOWN = "id, restored_at, restored_to, epoch, way, resumed_at, resumed_by, adopts_until"


def upgrade() -> None:
    for statement in (*TABLES.split(";\n"), *SECURE.split(";\n")):
        op.execute(statement)
    op.execute("SET LOCAL ROLE hub_worker")  # it owns the views
    op.execute(f"CREATE VIEW api.restore AS SELECT {SHOWN} FROM hub.restore WHERE {ONCE}")
    op.execute("GRANT SELECT ON api.restore TO hub_api")
    op.execute("RESET ROLE")


def downgrade() -> None:
    op.execute("SET LOCAL ROLE hub_worker")
    op.execute("DROP VIEW api.restore")
    op.execute("RESET ROLE")
    op.execute("DROP TABLE hub.restore")
