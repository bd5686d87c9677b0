"""Where adding a system stands, the sample it is tried with, and indexes of what boards show. Runs before the deployment;
the code before it goes on working. Indexes of tables that hold rows are built beside writers.
"""

from __future__ import annotations

from alembic import op

revision = "0011"
down_revision = "0010"

TABLES = """
CREATE TABLE hub.onboarding (
    tenant_id   integer NOT NULL REFERENCES hub.tenant,
    system      text NOT NULL,                      -- before it is connected, too
    step        text NOT NULL DEFAULT 'connect',    -- connect, profile, fields, codes, try, observe, write
    state       jsonb NOT NULL DEFAULT '{}',        -- document, objects (entity, id, lines), codes, last trial, load
    started_by  text NOT NULL,
    started_at  timestamptz NOT NULL DEFAULT now(),
    updated_by  text NOT NULL,
    updated_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, system)
);
CREATE TABLE hub.onboarding_file (
    tenant_id   integer NOT NULL,
    system      text NOT NULL,
    object      text NOT NULL,                      -- the system's name of what the records are
    name        text NOT NULL,                      -- of the file; its ending says how it is written
    content     bytea NOT NULL,                     -- as it was sent, or what the connector gave, as JSON lines
    dialect     jsonb NOT NULL DEFAULT '{}',
    is_sample   boolean NOT NULL DEFAULT false,     -- fetched to look at: never loaded
    kept_at     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, system, object),
    FOREIGN KEY (tenant_id, system) REFERENCES hub.onboarding ON DELETE CASCADE
)
"""
INDEXES = {
    "lane_held": """hub.lane (tenant_id, subscription_id, entity, state, updated_at)
                    WHERE state IN ('waiting', 'observed', 'proposed', 'parked')""",
    "decision_overrides": "hub.decision (tenant_id, id) WHERE kind = 'override' AND withdrawn_at IS NULL",
    "decision_links_withdrawn": "hub.decision (tenant_id, entity, withdrawn_at DESC) WHERE kind = 'link' AND withdrawn_at IS NOT NULL",
    "task_money": """hub.task (tenant_id, cause, legal_entity, currency, team) INCLUDE (amount, count, opened_at, due_at, entity, system)
                     WHERE state = 'open' AND amount IS NOT NULL""",
    "task_moneys": "hub.task (tenant_id, id) WHERE state = 'open' AND (money -> 1) IS NOT NULL",
}
"""What boards read without the rows at rest: held lanes, overrides in force, links taken back, money at stake, tasks with several currencies."""

SECURE = """
ALTER TABLE hub.{table} ENABLE ROW LEVEL SECURITY;
ALTER TABLE hub.{table} FORCE ROW LEVEL SECURITY;
CREATE POLICY worker ON hub.{table} TO hub_worker USING (true) WITH CHECK (true);
CREATE POLICY examiner ON hub.{table} FOR SELECT TO hub_examiner USING (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON hub.{table} TO hub_worker;
GRANT SELECT ON hub.{table} TO hub_examiner
"""


def upgrade() -> None:
    for name, columns in INDEXES.items():
        if not op.get_bind().exec_driver_sql(f"SELECT pg_relation_size('{columns.partition(' ')[0]}')").scalar():
            op.execute(f"CREATE INDEX {name} ON {columns}")
            continue
        with op.get_context().autocommit_block():
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS hub.{name}")  # one that was broken off is of no use
            op.execute(f"CREATE INDEX CONCURRENTLY {name} ON {columns}")
    for statement in TABLES.split(";\n"):
        op.execute(statement)
    for table in ("onboarding", "onboarding_file"):
        for statement in SECURE.format(table=table).split(";\n"):
            op.execute(statement)


def downgrade() -> None:
    for name in INDEXES:
        op.execute(f"DROP INDEX hub.{name}")
    op.execute("DROP TABLE hub.onboarding_file")
    op.execute("DROP TABLE hub.onboarding")
