"""Match models, forms and blocking keys. Runs before the deployment; the code before it goes on working.

Everything is new and empty. What the forms and keys hold of older source records is written by ``hub match forms``, after the
deployment; until then those records are found by their identifiers only, as before.
"""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"

TABLES = """
CREATE TABLE hub.match_model (
    tenant_id   integer NOT NULL,
    id          bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    entity      text NOT NULL,
    version     integer NOT NULL,                   -- 1, 2, … per entity; none is ever changed or deleted
    state       text NOT NULL DEFAULT 'trained' CHECK (state IN ('trained', 'in_force', 'retired')),
    document    jsonb NOT NULL,                     -- as hub.core.match.Model.to_json writes it: weights, frequencies, thresholds
    report      jsonb NOT NULL DEFAULT '{}',        -- what training saw: pairs, levels, sweep of thresholds, labels
    made_by     text NOT NULL DEFAULT '',
    made_at     timestamptz NOT NULL DEFAULT now(),
    in_force_at timestamptz,
    in_force_by text,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, entity, version)
);
CREATE UNIQUE INDEX match_model_in_force ON hub.match_model (tenant_id, entity) WHERE state = 'in_force';
CREATE TABLE hub.match_form (
    tenant_id   integer NOT NULL,
    source_id   bigint NOT NULL,                    -- the contribution whose normal form this is; its golden id is the crosswalk's to tell
    entity      text NOT NULL,
    normal      smallint NOT NULL,                  -- version of the normaliser
    form        json NOT NULL,
    keys        bigint[] NOT NULL,                  -- what it is found by; rows of blocking_key
    is_due      boolean NOT NULL DEFAULT true,      -- the next re-evaluation looks at it
    PRIMARY KEY (tenant_id, source_id)
) WITH (fillfactor = 90);
CREATE INDEX match_form_due ON hub.match_form (tenant_id, entity, source_id) WHERE is_due;
CREATE TABLE hub.blocking_key (
    tenant_id   integer NOT NULL,
    key         bigint NOT NULL,                    -- hash of entity, kind of key and text; equality is checked on the forms
    source_id   bigint NOT NULL,
    PRIMARY KEY (tenant_id, key, source_id)
);
CREATE TABLE hub.match_run (
    tenant_id   integer NOT NULL,
    id          bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    entity      text NOT NULL,
    kind        text NOT NULL CHECK (kind IN ('first_load', 're_evaluation', 'training')),
    model_version integer NOT NULL DEFAULT 0,
    looked_at   bigint NOT NULL DEFAULT 0,          -- source records
    outcome     jsonb NOT NULL DEFAULT '{}',        -- pairs, linked, asked, withdrawn …
    started_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    finished_at timestamptz,
    actor       text NOT NULL DEFAULT 'rule',
    PRIMARY KEY (tenant_id, id)
)
"""
NEW = ("match_model", "match_form", "blocking_key", "match_run")
ONCE = r"tenant_id = (SELECT (current_setting('hub.tenant'\:\:text))\:\:integer)"
VIEWS = {
    "match_model": "id, entity, version, state, document, report, made_by, made_at, in_force_at, in_force_by",
    "match_run": "id, entity, kind, model_version, looked_at, outcome, started_at, finished_at, actor",
}


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
    _index_decisions()
    op.execute("GRANT USAGE ON ALL SEQUENCES IN SCHEMA hub TO hub_worker")
    op.execute("SET LOCAL ROLE hub_worker")  # it owns the views
    for view, columns in VIEWS.items():
        op.execute(f"CREATE VIEW api.{view} AS SELECT {columns} FROM hub.{view} WHERE {ONCE}")
        op.execute(f"GRANT SELECT ON api.{view} TO hub_api")
    op.execute("RESET ROLE")


INDEXES = {
    "decision_by_model": "(tenant_id, entity) WHERE rule LIKE 'model:%'",  # what the model linked is counted whenever its quality is shown
    "decision_record": "(tenant_id, golden_id, id)",  # what was decided of a record, withdrawn or not, newest first: a page asks for both
}


def _index_decisions() -> None:
    """On a filled table indexes are built beside writers, and one that was broken off is made anew."""
    if not op.get_bind().exec_driver_sql("SELECT pg_relation_size('hub.decision')").scalar():
        for name, definition in INDEXES.items():
            op.get_bind().exec_driver_sql(f"CREATE INDEX {name} ON hub.decision {definition}")
        op.execute("DROP INDEX hub.decision_golden")
        return
    with op.get_context().autocommit_block():
        for name, definition in INDEXES.items():
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS hub.{name}")
            op.execute(f"CREATE INDEX CONCURRENTLY {name} ON hub.decision {definition}".replace(":", chr(92) + ":"))
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS hub.decision_golden")


def downgrade() -> None:
    op.execute("CREATE INDEX decision_golden ON hub.decision (tenant_id, golden_id) WHERE withdrawn_at IS NULL")
    for index in INDEXES:
        op.execute(f"DROP INDEX hub.{index}")
    op.execute("SET LOCAL ROLE hub_worker")
    for view in VIEWS:
        op.execute(f"DROP VIEW api.{view}")
    op.execute("RESET ROLE")
    for table in NEW:
        op.execute(f"DROP TABLE hub.{table}")
