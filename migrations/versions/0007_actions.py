"""What stewards did and its undoing, where merged records came from, what must stay apart. Runs before the deployment; the
code before it goes on working.

Everything new is empty, every new column may be: nothing is rewritten, and every table is locked for an instant only.
"""

from __future__ import annotations

from alembic import op

revision = "0007"
down_revision = "0006"

MINE = "tenant_id = (SELECT current_setting('hub.tenant')\\:\\:integer)"

TABLES = """
CREATE TABLE hub.action (
    tenant_id   integer NOT NULL,
    id          bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    kind        text NOT NULL,                      -- override, merge, split, map_code …: the key of its handlers
    actor       text NOT NULL,
    reason      text NOT NULL DEFAULT '',
    correlation_id text NOT NULL DEFAULT '',
    made_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    entity      text,
    golden_ids  uuid[] NOT NULL DEFAULT '{}',
    decision_ids bigint[] NOT NULL DEFAULT '{}',    -- those it made, as they are now: a redo makes others
    given       jsonb NOT NULL DEFAULT '{}',        -- what it was asked: enough to do it again
    inverse     jsonb,                              -- what undoing it takes; NULL: it cannot be undone
    batch_id    uuid,                               -- actions of one bulk step
    undone_at   timestamptz,
    undone_by   text,
    redone_at   timestamptz,
    redone_by   text,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX action_actor ON hub.action (tenant_id, actor, id);
CREATE INDEX action_batch ON hub.action (tenant_id, batch_id) WHERE batch_id IS NOT NULL;
CREATE INDEX action_decision ON hub.action USING gin (decision_ids);
CREATE INDEX action_golden ON hub.action USING gin (golden_ids);
CREATE TABLE hub.apart (
    tenant_id   integer NOT NULL,
    decision_id bigint NOT NULL,                    -- a "not the same"
    source_id   bigint NOT NULL,
    side        smallint NOT NULL CHECK (side IN (1, 2)),
    PRIMARY KEY (tenant_id, decision_id, source_id, side)
);
CREATE INDEX apart_source ON hub.apart (tenant_id, source_id)
"""
NEW = ("action", "apart")

COLUMNS = """
ALTER TABLE hub.source_record ADD COLUMN home_id uuid;
ALTER TABLE hub.change ADD COLUMN id_map jsonb;
CREATE INDEX source_record_home ON hub.source_record (tenant_id, home_id) WHERE home_id IS NOT NULL;
CREATE INDEX forward_survivor ON hub.forward (tenant_id, survivor_id);
CREATE INDEX decision_source ON hub.decision (tenant_id, source_id) WHERE source_id IS NOT NULL AND withdrawn_at IS NULL;
CREATE INDEX decision_merged ON hub.decision (tenant_id, other_id) WHERE kind = 'merge'
"""

SURVIVOR = """
CREATE FUNCTION hub.survivor (tenant integer, loser uuid) RETURNS uuid LANGUAGE sql STABLE AS $$
    WITH RECURSIVE way (survivor, steps) AS (
        SELECT f.survivor_id, 1 FROM hub.forward f WHERE f.tenant_id = tenant AND f.loser_id = loser
        UNION ALL
        SELECT f.survivor_id, way.steps + 1 FROM way JOIN hub.forward f ON f.tenant_id = tenant AND f.loser_id = way.survivor WHERE way.steps < 200
    )
    SELECT coalesce((SELECT survivor FROM way ORDER BY steps DESC LIMIT 1), loser)
$$
"""

APART = """
INSERT INTO hub.apart (tenant_id, decision_id, source_id, side)
SELECT d.tenant_id, d.id, d.source_id, 1 FROM hub.decision d WHERE d.kind = 'not_same' AND d.source_id IS NOT NULL
UNION
SELECT d.tenant_id, d.id, s.id, 2
  FROM hub.decision d JOIN hub.source_record s ON s.tenant_id = d.tenant_id AND s.golden_id = d.golden_id
 WHERE d.kind = 'not_same' AND d.source_id IS NOT NULL AND s.id <> d.source_id
"""

SECURE = """
ALTER TABLE hub.{0} ENABLE ROW LEVEL SECURITY;
ALTER TABLE hub.{0} FORCE ROW LEVEL SECURITY;
CREATE POLICY worker ON hub.{0} TO hub_worker USING (true) WITH CHECK (true);
CREATE POLICY examiner ON hub.{0} FOR SELECT TO hub_examiner USING (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON hub.{0} TO hub_worker;
GRANT SELECT ON hub.{0} TO hub_examiner
"""

ACTIONS = f"""
CREATE VIEW api.action AS
SELECT id, kind, actor, reason, correlation_id, made_at, entity, golden_ids, decision_ids, given, inverse IS NOT NULL AS has_inverse,
       batch_id, undone_at, undone_by, redone_at, redone_by
  FROM hub.action
 WHERE {MINE}
"""
CHANGES = f"""
CREATE OR REPLACE VIEW api.change AS
SELECT f.position, c.id, c.entity, c.golden_id, c.version, c.op, c.before, c.after, c.cause, c.actor,
       c.correlation_id, c.message_id, c.is_backfill, c.at{{more}}
  FROM hub.change c
  LEFT JOIN hub.feed f ON f.tenant_id = c.tenant_id AND f.change_id = c.id
 WHERE c.{MINE}
"""


def upgrade() -> None:
    for statement in (TABLES + ";" + COLUMNS).split(";\n"):
        op.execute(statement)
    op.execute(SURVIVOR)
    op.execute("GRANT EXECUTE ON FUNCTION hub.survivor (integer, uuid) TO hub_worker")
    op.execute(APART)
    for table in NEW:
        for statement in SECURE.format(table).split(";\n"):
            op.execute(statement)
    op.execute("GRANT USAGE ON ALL SEQUENCES IN SCHEMA hub TO hub_worker")
    op.execute("SET LOCAL ROLE hub_worker")  # it owns the views
    op.execute(ACTIONS)
    op.execute("GRANT SELECT ON api.action TO hub_api")
    op.execute(CHANGES.format(more=", c.id_map"))
    op.execute("RESET ROLE")


def downgrade() -> None:
    op.execute("SET LOCAL ROLE hub_worker")
    op.execute("DROP VIEW api.change CASCADE")
    op.execute(CHANGES.format(more=""))
    op.execute("GRANT SELECT ON api.change TO hub_api")
    op.execute("DROP VIEW api.action")
    op.execute("RESET ROLE")
    op.execute("DROP FUNCTION hub.survivor (integer, uuid)")
    for index in ("decision_merged", "decision_source", "forward_survivor", "source_record_home"):
        op.execute(f"DROP INDEX hub.{index}")
    op.execute("ALTER TABLE hub.change DROP COLUMN id_map")
    op.execute("ALTER TABLE hub.source_record DROP COLUMN home_id")
    for table in NEW:
        op.execute(f"DROP TABLE hub.{table}")
