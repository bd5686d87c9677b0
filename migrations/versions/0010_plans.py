"""Plans, duplicates among transactions, values shared by many. Runs before the deployment; the code before it goes on working.

Everything is new and empty; only the kinds of decisions gain two words.
"""

from __future__ import annotations

from alembic import op

revision = "0010"
down_revision = "0009"

TABLES = """
CREATE TABLE hub.plan (
    tenant_id   integer NOT NULL REFERENCES hub.tenant,
    id          bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    kind        text NOT NULL CHECK (kind IN ('policy', 'match_model')),
    state       text NOT NULL DEFAULT 'computing'
                CHECK (state IN ('computing', 'ready', 'approved', 'applying', 'applied', 'stale', 'cancelled', 'failed')),
    entities    text[] NOT NULL,                    -- whose records are computed
    given       jsonb NOT NULL,                     -- the rule to be: a policy's document, a model's id and thresholds
    before      jsonb NOT NULL,                     -- the rule in force when the plan was made; its undo puts it back
    reason      text NOT NULL DEFAULT '',
    actor       text NOT NULL,
    undoes      bigint,                             -- the plan that this one takes back
    undone_by   bigint,
    proposal_id bigint,                             -- where its second person is asked
    config_version integer NOT NULL,
    seen_from   timestamptz NOT NULL DEFAULT clock_timestamp(),  -- records were read from here on
    done        integer NOT NULL DEFAULT 0,         -- progress: records looked at, of how many
    total       integer NOT NULL DEFAULT 0,
    at_entity   text NOT NULL DEFAULT '',           -- where the next page goes on
    at_id       uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
    summary     jsonb NOT NULL DEFAULT '{}',
    error       text NOT NULL DEFAULT '',
    token       uuid,
    lease_until timestamptz,
    made_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    ready_at    timestamptz,
    approved_by text,
    approved_at timestamptz,
    applied_at  timestamptz,
    settled_at  timestamptz,                        -- what came in while it was applied has been computed again
    ended_by    text,
    correlation_id text NOT NULL DEFAULT '',
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX plan_due ON hub.plan (tenant_id, state)
 WHERE state IN ('computing', 'approved', 'applying') OR (state = 'applied' AND settled_at IS NULL);
CREATE TABLE hub.plan_item (
    tenant_id   integer NOT NULL,
    plan_id     bigint NOT NULL,
    golden_id   uuid NOT NULL,
    entity      text NOT NULL,
    op          text NOT NULL,                      -- create, update, inactivate, reactivate; lineage: only who says it
    version     integer NOT NULL,                   -- the record's version the plan starts from; 0 before its birth
    before      jsonb NOT NULL,                     -- the fields that change, before
    after       jsonb NOT NULL,                     -- and after
    digest      bytea NOT NULL,                     -- of the whole record as it will be, lineage included
    state       text NOT NULL DEFAULT 'planned' CHECK (state IN ('planned', 'applied', 'moved')),
    moved       jsonb,                              -- what the record would become now instead
    applied_version integer,
    PRIMARY KEY (tenant_id, plan_id, golden_id)
) WITH (fillfactor = 90);
CREATE TABLE hub.plan_delivery (
    tenant_id   integer NOT NULL,
    plan_id     bigint NOT NULL,
    golden_id   uuid NOT NULL,
    system      text NOT NULL,
    entity      text NOT NULL,
    mode        text NOT NULL,                      -- write, propose or observe; mixed where fields differ
    op          text NOT NULL,
    fields      jsonb NOT NULL,                     -- field -> {from, to}
    PRIMARY KEY (tenant_id, plan_id, golden_id, system)
);
CREATE TABLE hub.finder (
    tenant_id   integer NOT NULL,
    name        text NOT NULL,                      -- who looks for what: duplicates, generic
    position    bigint NOT NULL DEFAULT 0,          -- looked at the feed up to here
    looked_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (tenant_id, name)
);
CREATE TABLE hub.duplicate (
    tenant_id   integer NOT NULL,
    id          bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    entity      text NOT NULL,
    golden_id   uuid NOT NULL,                      -- the later of the two, which is in doubt
    other_id    uuid NOT NULL,                      -- the earlier one
    rule        text NOT NULL,
    kind        text NOT NULL CHECK (kind IN ('same', 'near', 'collision')),
    score       numeric NOT NULL,
    parts       jsonb NOT NULL,                     -- [{name, score, most, a, b}]: why
    systems     text[] NOT NULL DEFAULT '{}',
    money       jsonb,
    state       text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'duplicate', 'legitimate', 'gone')),
    decision_id bigint,
    found_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    seen_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    answered_at timestamptz,
    answered_by text,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, golden_id, other_id)
);
CREATE INDEX duplicate_other ON hub.duplicate (tenant_id, other_id);
CREATE INDEX duplicate_open ON hub.duplicate (tenant_id, entity, id) WHERE state = 'open';
CREATE TABLE hub.value_holder (
    tenant_id   integer NOT NULL,
    entity      text NOT NULL,
    kind        text NOT NULL,                      -- phone, email, domain, tax_id, address
    value_hash  bigint NOT NULL,
    golden_id   uuid NOT NULL,
    PRIMARY KEY (tenant_id, entity, kind, value_hash, golden_id)
);
CREATE INDEX value_holder_golden ON hub.value_holder (tenant_id, golden_id);
CREATE TABLE hub.generic_value (
    tenant_id   integer NOT NULL REFERENCES hub.tenant,
    entity      text NOT NULL,
    kind        text NOT NULL,
    value_hash  bigint NOT NULL,
    value       text NOT NULL,
    holders     integer NOT NULL DEFAULT 0,         -- golden records that carry it, when last counted
    state       text NOT NULL CHECK (state IN ('generic', 'distinctive')),
    actor       text NOT NULL,                      -- rule, or the person who said so: a person's word stands
    reason      text NOT NULL DEFAULT '',
    found_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    reviewed_at timestamptz,                        -- when earlier links that rested on it were looked at again
    PRIMARY KEY (tenant_id, entity, kind, value_hash)
);
CREATE INDEX generic_value_unreviewed ON hub.generic_value (tenant_id) WHERE reviewed_at IS NULL AND state = 'generic'
"""
NEW = ("plan", "plan_item", "plan_delivery", "finder", "duplicate", "value_holder", "generic_value")
ONCE = r"tenant_id = (SELECT (current_setting('hub.tenant'\:\:text))\:\:integer)"
VIEWS = {
    "plan": "id, kind, state, entities, given, before, reason, actor, undoes, undone_by, proposal_id, done, total, summary, error, "
    "made_at, ready_at, approved_by, approved_at, applied_at, ended_by, correlation_id",
    "plan_item": "plan_id, golden_id, entity, op, version, before, after, state, moved, applied_version",
    "plan_delivery": "plan_id, golden_id, system, entity, mode, op, fields",
    "duplicate": "id, entity, golden_id, other_id, rule, kind, score, parts, systems, money, state, decision_id, found_at, seen_at, "
    "answered_at, answered_by",
    "generic_value": "entity, kind, value_hash, value, holders, state, actor, reason, found_at, reviewed_at",
}  # fmt: skip
MORE_KINDS = ("supersede", "legitimate")
"""A transaction is a duplicate of another one; two that look alike are both right."""


def upgrade() -> None:
    for statement in TABLES.split(";\n"):
        op.execute(statement)
    for table in NEW:
        op.execute(f"ALTER TABLE hub.{table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE hub.{table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY worker ON hub.{table} TO hub_worker USING (true) WITH CHECK (true)")
        op.execute(f"CREATE POLICY examiner ON hub.{table} FOR SELECT TO hub_examiner USING (true)")
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON hub.{table} TO hub_worker")
        op.execute(f"GRANT SELECT ON hub.{table} TO hub_examiner")
    op.execute("GRANT USAGE ON ALL SEQUENCES IN SCHEMA hub TO hub_worker")
    op.execute("SET LOCAL ROLE hub_worker")  # it owns the views
    for view, columns in VIEWS.items():
        op.execute(f"CREATE VIEW api.{view} AS SELECT {columns} FROM hub.{view} WHERE {ONCE}")
        op.execute(f"GRANT SELECT ON api.{view} TO hub_api")
    op.execute("RESET ROLE")
    _kinds_of_decision("array_cat(kinds, ARRAY[{more}])")


def downgrade() -> None:
    op.execute("SET LOCAL ROLE hub_worker")
    op.execute(f"DELETE FROM hub.decision WHERE kind IN ({_listed()})")
    op.execute("RESET ROLE")
    _kinds_of_decision("ARRAY(SELECT k FROM unnest(kinds) AS k WHERE k <> ALL (ARRAY[{more}]))")
    op.execute("SET LOCAL ROLE hub_worker")
    for view in VIEWS:
        op.execute(f"DROP VIEW api.{view}")
    op.execute("RESET ROLE")
    for table in NEW:
        op.execute(f"DROP TABLE hub.{table}")


def _listed() -> str:
    return ", ".join(f"'{kind}'" for kind in MORE_KINDS)


def _kinds_of_decision(changed: str) -> None:
    """Change what kinds of decisions there are, whatever kinds migrations before this one know."""
    op.execute(
        rf"""DO $$ DECLARE kinds text[]; listed text; BEGIN
            SELECT array_agg(word[1]) INTO kinds
              FROM pg_constraint, regexp_matches(pg_get_constraintdef(oid), '''([a-z_]+)''', 'g') AS word
             WHERE conrelid = 'hub.decision'\:\:regclass AND conname = 'decision_kind_check';
            kinds := {changed.format(more=_listed())};
            SELECT string_agg(quote_literal(k), ', ') INTO listed FROM unnest(kinds) AS k;
            ALTER TABLE hub.decision DROP CONSTRAINT decision_kind_check;
            EXECUTE format('ALTER TABLE hub.decision ADD CONSTRAINT decision_kind_check CHECK (kind IN (%s))', listed);
        END $$"""
    )
