"""Quotas, breakers, windows, urgency and the ledger of what was written to connected systems. Runs before the deployment; the
code before it goes on working. The index of a table that holds rows is built beside writers.
"""

from __future__ import annotations

from alembic import op

revision = "0012"
down_revision = "0011"

TABLES = """
CREATE TABLE hub.system_delivery (
    tenant_id   integer NOT NULL,
    system      text NOT NULL,
    limits      jsonb NOT NULL DEFAULT '{}',        -- what its connector declares, overridden: quota, breaker, windows, ledger
    draining_at timestamptz,                        -- since when it is sent what is queued and takes no more
    drained_at  timestamptz,
    set_by      text NOT NULL DEFAULT '',
    set_at      timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, system),
    FOREIGN KEY (tenant_id, system) REFERENCES hub.system
);
CREATE TABLE hub.quota (
    tenant_id   integer NOT NULL,
    system      text NOT NULL,
    next_slot_at timestamptz NOT NULL DEFAULT '-infinity',  -- when the next request of any worker may be sent
    day         date NOT NULL DEFAULT '-infinity',          -- in the zone of the quota
    used        integer NOT NULL DEFAULT 0,                 -- requests lent on that day
    PRIMARY KEY (tenant_id, system)
) WITH (fillfactor = 50);
CREATE TABLE hub.quota_slot (
    tenant_id   integer NOT NULL,
    system      text NOT NULL,
    worker      text NOT NULL,
    slots       integer NOT NULL,                   -- requests it may have under way
    wants       integer NOT NULL,
    expires_at  timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, system, worker)
) WITH (fillfactor = 50);
CREATE TABLE hub.breaker (
    tenant_id   integer NOT NULL,
    system      text NOT NULL,
    operation   text NOT NULL,                      -- such as "create invoice"
    state       text NOT NULL DEFAULT 'closed' CHECK (state IN ('closed', 'open', 'half_open')),
    window_at   timestamptz NOT NULL DEFAULT clock_timestamp(),  -- successes and failures are counted since
    successes   integer NOT NULL DEFAULT 0,
    failures    integer NOT NULL DEFAULT 0,
    trips       integer NOT NULL DEFAULT 0,         -- in a row
    failing_since timestamptz,                      -- first trip of the row
    retry_at    timestamptz,                        -- open until then; half open: who tries has until then
    error       text NOT NULL DEFAULT '',
    updated_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (tenant_id, system, operation)
) WITH (fillfactor = 50);
CREATE TABLE hub.ledger (
    tenant_id   integer NOT NULL,
    id          bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    system      text NOT NULL,
    object      text NOT NULL,
    external_id text NOT NULL,
    entity      text NOT NULL,
    hashes      jsonb NOT NULL,                     -- field -> hash of the value written; a field goes when its echo has come
    version     text NOT NULL DEFAULT '',           -- the record's there after our write, where the system has versions
    written_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    expires_at  timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX ledger_record ON hub.ledger (tenant_id, system, object, external_id);
CREATE INDEX ledger_expiry ON hub.ledger (tenant_id, expires_at);
CREATE TABLE hub.rewritten (
    tenant_id   integer NOT NULL,
    system      text NOT NULL,
    entity      text NOT NULL,
    field       text NOT NULL,
    count       integer NOT NULL,                   -- near misses: values of ours that came back as others
    since       timestamptz NOT NULL DEFAULT clock_timestamp(),
    last_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    last_external_id text NOT NULL,
    PRIMARY KEY (tenant_id, system, entity, field)
);
CREATE TABLE hub.second_look (
    tenant_id   integer NOT NULL,
    attempt_id  bigint NOT NULL,                    -- a create that was made again after a try nobody knows the end of
    due_at      timestamptz NOT NULL,
    looks       integer NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant_id, attempt_id)
);
CREATE INDEX second_look_due ON hub.second_look (tenant_id, due_at);
CREATE TABLE hub.told_back (
    tenant_id   integer NOT NULL,
    system      text NOT NULL,
    object      text NOT NULL,
    external_id text NOT NULL,
    told        jsonb NOT NULL,                     -- where in the record -> what it was told, such as another system's id
    told_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (tenant_id, system, object, external_id)
)
"""
NEW = ("system_delivery", "quota", "quota_slot", "breaker", "ledger", "rewritten", "second_look", "told_back")
SECURE = """
ALTER TABLE hub.{table} ENABLE ROW LEVEL SECURITY;
ALTER TABLE hub.{table} FORCE ROW LEVEL SECURITY;
CREATE POLICY worker ON hub.{table} TO hub_worker USING (true) WITH CHECK (true);
CREATE POLICY examiner ON hub.{table} FOR SELECT TO hub_examiner USING (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON hub.{table} TO hub_worker;
GRANT SELECT ON hub.{table} TO hub_examiner
"""
ONCE = r"tenant_id = (SELECT current_setting('hub.tenant')\:\:integer)"
VIEWS = {
    "system_delivery": "system, limits, draining_at, drained_at, set_by, set_at",
    "quota": "system, next_slot_at, day, used",
    "quota_slot": "system, worker, slots, wants, expires_at",
    "breaker": "system, operation, state, window_at, successes, failures, trips, failing_since, retry_at, error, updated_at",
    "rewritten": "system, entity, field, count, since, last_at, last_external_id",
}
LANE_COLUMNS = ("gate_id uuid", "gate_money jsonb")
"""The accounting period a lane waits for, and the money it holds up; shown by api.lane."""
INDEXES = {"lane_gate": "hub.lane (tenant_id, gate_id) WHERE gate_id IS NOT NULL"}


def upgrade() -> None:
    for column in LANE_COLUMNS:
        op.execute(f"ALTER TABLE hub.lane ADD COLUMN IF NOT EXISTS {column}")
    for name, columns in INDEXES.items():
        if not op.get_bind().exec_driver_sql("SELECT pg_relation_size('hub.lane')").scalar():
            op.execute(f"CREATE INDEX {name} ON {columns}")
            continue
        with op.get_context().autocommit_block():
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS hub.{name}")  # one that was broken off is of no use
            op.execute(f"CREATE INDEX CONCURRENTLY {name} ON {columns}")
    for statement in TABLES.split(";\n"):
        op.execute(statement)
    for table in NEW:
        for statement in SECURE.format(table=table).split(";\n"):
            op.execute(statement)
    op.execute("GRANT USAGE ON ALL SEQUENCES IN SCHEMA hub TO hub_worker")
    op.execute("SET LOCAL ROLE hub_worker")  # it owns the views
    for view, columns in VIEWS.items():
        op.execute(f"CREATE VIEW api.{view} AS SELECT {columns} FROM hub.{view} WHERE {ONCE}")
        op.execute(f"GRANT SELECT ON api.{view} TO hub_api")
    op.execute("RESET ROLE")
    _show_lane("CREATE OR REPLACE VIEW", "true", "".join(f", {column.split()[0]}" for column in LANE_COLUMNS))


def downgrade() -> None:
    _show_lane("CREATE VIEW", "attname NOT IN ('gate_id', 'gate_money')", "")
    op.execute("SET LOCAL ROLE hub_worker")
    for view in VIEWS:
        op.execute(f"DROP VIEW api.{view}")
    op.execute("RESET ROLE")
    for name in INDEXES:
        op.execute(f"DROP INDEX hub.{name}")
    for table in NEW:
        op.execute(f"DROP TABLE hub.{table}")
    for column in LANE_COLUMNS:
        op.execute(f"ALTER TABLE hub.lane DROP COLUMN {column.split()[0]}")


def _show_lane(create: str, which: str, more: str) -> None:
    """``api.lane`` with the columns it has (``which`` of them) and ``more``; a column of a view cannot be taken away."""
    drop = "" if create.startswith("CREATE OR") else "DROP VIEW api.lane;"
    mine = "tenant_id = (SELECT current_setting(''hub.tenant'')\\:\\:integer)"
    op.execute("SET LOCAL ROLE hub_worker")
    op.execute(
        f"""DO $$ DECLARE names text; BEGIN
            SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) INTO names
              FROM pg_attribute WHERE attrelid = 'api.lane'\\:\\:regclass AND attnum > 0 AND NOT attisdropped AND {which};
            {drop}
            EXECUTE format('{create} api.lane AS SELECT %s{more} FROM hub.lane WHERE {mine}', names);
        END $$"""
    )
    op.execute("GRANT SELECT ON api.lane TO hub_api")
    op.execute("RESET ROLE")
