"""Where adding a system stands, the sample it is tried with, and an index of the lanes that are held. Runs before the
deployment; the code before it goes on working. Where lanes are, their index is built beside writers.
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
LANES = """
CREATE INDEX {how} lane_held ON hub.lane (tenant_id, subscription_id, entity, state, updated_at)
       WHERE state IN ('waiting', 'observed', 'proposed', 'parked')
"""
SECURE = """
ALTER TABLE hub.{table} ENABLE ROW LEVEL SECURITY;
ALTER TABLE hub.{table} FORCE ROW LEVEL SECURITY;
CREATE POLICY worker ON hub.{table} TO hub_worker USING (true) WITH CHECK (true);
CREATE POLICY examiner ON hub.{table} FOR SELECT TO hub_examiner USING (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON hub.{table} TO hub_worker;
GRANT SELECT ON hub.{table} TO hub_examiner
"""


def upgrade() -> None:
    for statement in TABLES.split(";\n"):
        op.execute(statement)
    for table in ("onboarding", "onboarding_file"):
        for statement in SECURE.format(table=table).split(";\n"):
            op.execute(statement)
    if not op.get_bind().exec_driver_sql("SELECT pg_relation_size('hub.lane')").scalar():
        op.execute(LANES.format(how=""))
        return
    with op.get_context().autocommit_block():
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS hub.lane_held")  # one that was broken off is of no use
        op.execute(LANES.format(how="CONCURRENTLY"))


def downgrade() -> None:
    op.execute("DROP INDEX hub.lane_held")
    op.execute("DROP TABLE hub.onboarding_file")
    op.execute("DROP TABLE hub.onboarding")
