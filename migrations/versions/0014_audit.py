"""Seals over the trail, what is searched by correlation, and the trace a message came with. Runs before the deployment; the code
before it goes on working: whatever it writes is noted for sealing by triggers. Indexes of tables that hold rows are built beside writers.
"""

from __future__ import annotations

from alembic import op

revision = "0014"
down_revision = "0013"

TABLES = """
CREATE TABLE hub.seal_key (
    tenant_id   integer NOT NULL REFERENCES hub.tenant,
    key_id      text NOT NULL,                      -- first half of the public key's SHA-256
    public      bytea NOT NULL,                     -- Ed25519
    secret      bytea NOT NULL,                     -- AES-256-GCM: the private key and the salt of what digests cover
    made_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    retired_at  timestamptz,
    PRIMARY KEY (tenant_id, key_id)
);
CREATE TABLE hub.seal_head (
    tenant_id   integer NOT NULL PRIMARY KEY REFERENCES hub.tenant,
    seal_id     bigint NOT NULL DEFAULT 0,
    digest      bytea NOT NULL DEFAULT ''::bytea,   -- of the newest seal
    position    bigint NOT NULL DEFAULT 0,          -- changes up to this position of the feed are sealed
    verified_at timestamptz,                        -- when the whole was looked through for the last time
    finding     text NOT NULL DEFAULT ''            -- what was wrong then
);
CREATE TABLE hub.seal (
    tenant_id   integer NOT NULL,
    id          bigint NOT NULL,                    -- 1, 2, 3 … per tenant: a missing one is seen
    made_at     timestamptz NOT NULL,
    count       integer NOT NULL,
    root        bytea NOT NULL,                     -- Merkle root over the leaves
    previous    bytea NOT NULL,                     -- digest of the seal before; empty for the first
    digest      bytea NOT NULL,
    key_id      text NOT NULL,
    signature   bytea NOT NULL,                     -- Ed25519 over the digest
    first_change bigint,                            -- the least and the greatest change among its entries
    last_change bigint,
    kinds       text,                               -- a letter per entry; NULL once retention gave the entries up
    ids         bigint[],
    leaves      bytea,                              -- 32 bytes per entry
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX seal_change ON hub.seal (tenant_id, last_change, first_change) WHERE last_change IS NOT NULL;
CREATE TABLE hub.seal_state (
    tenant_id   integer NOT NULL,
    seal_id     bigint NOT NULL,
    place       integer NOT NULL,                   -- of the seal's entries
    kind        text NOT NULL,                      -- decision, action, proposal, vote
    row_id      bigint NOT NULL,
    open        jsonb NOT NULL,                     -- as it was sealed
    covered     jsonb NOT NULL,                     -- name -> digest of what may hold personal values
    PRIMARY KEY (tenant_id, seal_id, place)
);
CREATE INDEX seal_state_row ON hub.seal_state (tenant_id, kind, row_id, seal_id);
CREATE TABLE hub.seal_due (
    tenant_id   integer NOT NULL,
    id          bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    kind        text NOT NULL,
    row_id      bigint NOT NULL,
    PRIMARY KEY (tenant_id, id)
) WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000);
CREATE TABLE hub.seal_erased (
    tenant_id   integer NOT NULL,
    kind        text NOT NULL,
    row_id      bigint NOT NULL,
    covered     jsonb NOT NULL,                     -- name -> digest of the value that was erased
    erased_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (tenant_id, kind, row_id)
)
"""
NEW = ("seal_key", "seal_head", "seal", "seal_state", "seal_due", "seal_erased")

WATCHED = {"decision": "decision", "action": "action", "proposal": "proposal", "proposal_vote": "vote"}
"""Table -> kind of entry. Changes need no trigger: they have positions."""

NOTE = """
CREATE FUNCTION hub.note_for_seal () RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_ARGV[0] = 'vote' THEN
        INSERT INTO hub.seal_due (tenant_id, kind, row_id) SELECT DISTINCT tenant_id, 'vote', proposal_id FROM rows;
    ELSE
        INSERT INTO hub.seal_due (tenant_id, kind, row_id) SELECT tenant_id, TG_ARGV[0], id FROM rows;
    END IF;
    RETURN NULL;
END $$
"""

INDEXES = {
    "inbox_correlation": "hub.inbox (tenant_id, correlation_id)",
    "change_correlation": "hub.change (tenant_id, correlation_id)",
    "attempt_correlation": "hub.attempt (tenant_id, correlation_id)",
    "attempt_intent_key": "hub.attempt (tenant_id, intent_key)",
    "attempt_started": "hub.attempt USING brin (started_at) WITH (pages_per_range = 32, autosummarize = on)",
    "task_correlation": "hub.task (tenant_id, correlation_id) WHERE correlation_id <> ''",
    "action_correlation": "hub.action (tenant_id, correlation_id) WHERE correlation_id <> ''",
    "proposal_correlation": "hub.proposal (tenant_id, correlation_id) WHERE correlation_id <> ''",
}

SECURE = """
ALTER TABLE hub.{table} ENABLE ROW LEVEL SECURITY;
ALTER TABLE hub.{table} FORCE ROW LEVEL SECURITY;
CREATE POLICY worker ON hub.{table} TO hub_worker USING (true) WITH CHECK (true);
CREATE POLICY examiner ON hub.{table} FOR SELECT TO hub_examiner USING (true);
GRANT SELECT, INSERT ON hub.{table} TO hub_worker;
GRANT SELECT ON hub.{table} TO hub_examiner
"""
RIGHTS = """
GRANT UPDATE (retired_at, secret) ON hub.seal_key TO hub_worker;
GRANT UPDATE ON hub.seal_head TO hub_worker;
GRANT UPDATE (kinds, ids, leaves) ON hub.seal TO hub_worker;
GRANT DELETE ON hub.seal_state, hub.seal_due TO hub_worker;
GRANT UPDATE ON hub.seal_erased TO hub_worker;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA hub TO hub_worker
"""
"""What is sealed is never rewritten: a seal loses its entries to retention, and nothing else."""

ONCE = r"tenant_id = (SELECT (current_setting('hub.tenant'\:\:text))\:\:integer)"
VIEWS = {
    "seal": "id, made_at, count, root, previous, digest, key_id, signature, first_change, last_change, kinds, ids",
    "seal_key": "key_id, public, made_at, retired_at",
    "seal_state": "seal_id, place, kind, row_id, open, covered",
    "seal_head": "seal_id, digest, position, verified_at, finding",
}


def upgrade() -> None:
    for name, columns in INDEXES.items():
        if not op.get_bind().exec_driver_sql(f"SELECT pg_relation_size('{columns.partition(' ')[0]}')").scalar():
            op.execute(f"CREATE INDEX {name} ON {columns}")
            continue
        with op.get_context().autocommit_block():
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS hub.{name}")  # one that was broken off is of no use
            op.execute(f"CREATE INDEX CONCURRENTLY {name} ON {columns}")
    for statement in (*TABLES.split(";\n"), *(part for table in NEW for part in SECURE.format(table=table).split(";\n")), *RIGHTS.split(";\n")):
        op.execute(statement.replace("::", "\\:\\:"))
    op.execute("SET LOCAL ROLE hub_worker")  # it owns the views
    for view, columns in VIEWS.items():
        op.execute(f"CREATE VIEW api.{view} AS SELECT {columns} FROM hub.{view} WHERE {ONCE}")
        op.execute(f"GRANT SELECT ON api.{view} TO hub_api")
    op.execute("RESET ROLE")
    op.execute("ALTER TABLE hub.inbox ADD COLUMN traceparent text")  # W3C Trace Context of the request that brought it
    op.execute(NOTE)
    for table, kind in WATCHED.items():
        for event, rows in (("INSERT", "NEW"), ("UPDATE", "NEW"), ("DELETE", "OLD")):
            op.execute(
                f"CREATE TRIGGER seal_{event.lower()} AFTER {event} ON hub.{table} REFERENCING {rows} TABLE AS rows "
                f"FOR EACH STATEMENT EXECUTE FUNCTION hub.note_for_seal ('{kind}')"
            )


def downgrade() -> None:
    for table in WATCHED:
        for event in ("insert", "update", "delete"):
            op.execute(f"DROP TRIGGER seal_{event} ON hub.{table}")
    op.execute("DROP FUNCTION hub.note_for_seal ()")
    op.execute("ALTER TABLE hub.inbox DROP COLUMN traceparent")
    for view in VIEWS:
        op.execute(f"DROP VIEW api.{view}")
    for table in NEW:
        op.execute(f"DROP TABLE hub.{table}")
    for name in INDEXES:
        op.execute(f"DROP INDEX hub.{name}")
