"""The queue people work from: members, claims, comments, approvals. Runs before the deployment; the code before it goes on working.

Tables are new and empty; the task's new columns are nullable or have constant defaults, so nothing is rewritten. The names of
teams are spelt as members spell theirs from now on (``data_stewards``); a task the older code opens meanwhile keeps the
older spelling, which the api reads alike.
"""

from __future__ import annotations

from alembic import op

revision = "0008"
down_revision = "0007"

TABLES = """
CREATE TABLE hub.member (
    tenant_id   integer NOT NULL,
    id          uuid NOT NULL,
    name        text NOT NULL,
    email       text NOT NULL DEFAULT '',
    teams       text[] NOT NULL DEFAULT '{}',
    regions     text[] NOT NULL DEFAULT '{}',           -- empty: all
    legal_entities uuid[] NOT NULL DEFAULT '{}',        -- empty: all
    is_away     boolean NOT NULL DEFAULT false,
    delegate_id uuid,                                   -- who gets their tasks and may vote for them while away
    is_active   boolean NOT NULL DEFAULT true,
    made_at     timestamptz NOT NULL DEFAULT now(),
    made_by     text NOT NULL DEFAULT '',
    updated_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX member_name ON hub.member (tenant_id, lower(name));
CREATE TABLE hub.member_actor (
    tenant_id   integer NOT NULL,
    actor       text NOT NULL,                          -- as changes name them: role and name of the key
    member_id   uuid NOT NULL,
    PRIMARY KEY (tenant_id, actor),
    FOREIGN KEY (tenant_id, member_id) REFERENCES hub.member
);
CREATE INDEX member_actor_member ON hub.member_actor (tenant_id, member_id);
CREATE TABLE hub.proposal (
    tenant_id   integer NOT NULL,
    id          bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    operation   text NOT NULL,                          -- key of hub.flows.operations.OPERATIONS
    given       jsonb NOT NULL,                         -- its exact arguments
    diff        jsonb NOT NULL,                         -- what it would change, which is what is approved
    estimate    jsonb NOT NULL DEFAULT '{}',            -- what follows from it: deliveries, amounts, counts
    risk        text NOT NULL CHECK (risk IN ('R1', 'R2', 'R3')),
    needed      smallint NOT NULL DEFAULT 1,            -- approvals
    subject     text NOT NULL,                          -- in a sentence
    reason      text NOT NULL DEFAULT '',
    entity      text,
    golden_ids  uuid[] NOT NULL DEFAULT '{}',
    author      text NOT NULL,
    author_id   uuid,                                   -- the member behind the author, where known then
    author_teams text[] NOT NULL DEFAULT '{}',
    state       text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'approved', 'refused', 'stale', 'expired', 'withdrawn')),
    fresh       jsonb,                                  -- stale: what it would change now
    moved       jsonb,                                  -- stale: where the two differ
    replaces_id bigint,                                 -- the stale proposal it was made from
    decision_ids bigint[] NOT NULL DEFAULT '{}',
    action_id   bigint,
    asked_at    timestamptz NOT NULL DEFAULT now(),
    expires_at  timestamptz NOT NULL,
    settled_at  timestamptz,
    settled_by  text,
    resolution  text,
    correlation_id text NOT NULL DEFAULT '',
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX proposal_open ON hub.proposal (tenant_id, expires_at) WHERE state = 'open';
CREATE INDEX proposal_author ON hub.proposal (tenant_id, author);
CREATE INDEX proposal_golden ON hub.proposal USING gin (golden_ids);
CREATE TABLE hub.proposal_vote (
    tenant_id   integer NOT NULL,
    proposal_id bigint NOT NULL,
    member_id   uuid NOT NULL,
    actor       text NOT NULL,
    for_id      uuid,                                   -- the member who is away, whose delegate voted
    teams       text[] NOT NULL,                        -- as they were then
    vote        text NOT NULL CHECK (vote IN ('approve', 'refuse')),
    comment     text NOT NULL DEFAULT '',
    at          timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (tenant_id, proposal_id, member_id),
    FOREIGN KEY (tenant_id, proposal_id) REFERENCES hub.proposal,
    FOREIGN KEY (tenant_id, member_id) REFERENCES hub.member
);
CREATE TABLE hub.task_event (
    tenant_id   integer NOT NULL,
    id          bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    task_id     bigint NOT NULL,
    kind        text NOT NULL CHECK (kind IN ('comment', 'claim', 'release', 'assign', 'snooze', 'ask', 'answer', 'wake',
                                              'escalate', 'resolve', 'reopen', 'route')),
    actor       text NOT NULL,
    comment     text NOT NULL DEFAULT '',
    detail      jsonb NOT NULL DEFAULT '{}',
    at          timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX task_event_task ON hub.task_event (tenant_id, task_id);
CREATE INDEX task_event_at ON hub.task_event (tenant_id, at);
ALTER TABLE hub.task
    ADD COLUMN priority smallint NOT NULL DEFAULT 5,        -- 1 first
    ADD COLUMN risk text NOT NULL DEFAULT 'R1',
    ADD COLUMN assignee_id uuid,
    ADD COLUMN claimed_at timestamptz,
    ADD COLUMN snoozed_until timestamptz,
    ADD COLUMN question jsonb,                              -- {text, to, asked_by, at}: the task waits for an answer
    ADD COLUMN legal_entity uuid,
    ADD COLUMN region text,
    ADD COLUMN amount numeric,                              -- the largest sum of one currency among its money
    ADD COLUMN currency text,
    ADD COLUMN is_mixed boolean NOT NULL DEFAULT false,     -- its money is of several currencies
    ADD COLUMN escalation smallint NOT NULL DEFAULT 0,
    ADD COLUMN escalated_at timestamptz,
    ADD COLUMN tags text[] NOT NULL DEFAULT '{}',
    ADD COLUMN suggestion jsonb,                            -- {action, resolution, confidence, of}
    ADD COLUMN routed_at timestamptz,                       -- when legal entity, money and team were looked up
    ADD COLUMN exc text NOT NULL DEFAULT '';
UPDATE hub.task SET team = replace(team, ' ', '_') WHERE team LIKE '% %';
CREATE INDEX task_subject ON hub.task (tenant_id, cause, subject, id);
CREATE INDEX task_queue ON hub.task (tenant_id, id) WHERE state = 'open';
CREATE INDEX task_queue_due ON hub.task (tenant_id, due_at, id) WHERE state = 'open';
CREATE INDEX task_queue_priority ON hub.task (tenant_id, priority, due_at, id) WHERE state = 'open';
CREATE INDEX task_queue_amount ON hub.task (tenant_id, amount DESC NULLS LAST, id DESC) WHERE state = 'open';
CREATE INDEX task_queue_team ON hub.task (tenant_id, team, id) WHERE state = 'open';
CREATE INDEX task_queue_assignee ON hub.task (tenant_id, assignee_id) WHERE state = 'open' AND assignee_id IS NOT NULL;
CREATE INDEX task_queue_unrouted ON hub.task (tenant_id, id) WHERE state = 'open' AND routed_at IS NULL;
CREATE INDEX task_queue_count ON hub.task (tenant_id, cause, team, currency)
    INCLUDE (amount, due_at, snoozed_until, assignee_id, legal_entity, is_mixed, entity, system) WHERE state = 'open';
CREATE INDEX task_queue_mixed ON hub.task (tenant_id, id) WHERE state = 'open' AND is_mixed;
CREATE INDEX task_updated ON hub.task (tenant_id, updated_at)
"""
NEW = ("member", "member_actor", "proposal", "proposal_vote", "task_event")
SECURE = """
ALTER TABLE hub.{0} ENABLE ROW LEVEL SECURITY;
ALTER TABLE hub.{0} FORCE ROW LEVEL SECURITY;
CREATE POLICY worker ON hub.{0} TO hub_worker USING (true) WITH CHECK (true);
CREATE POLICY examiner ON hub.{0} FOR SELECT TO hub_examiner USING (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON hub.{0} TO hub_worker;
GRANT SELECT ON hub.{0} TO hub_examiner
"""
MINE = "tenant_id = (SELECT current_setting('hub.tenant')::integer)"
TASK = (
    "id, cause, subject, state, entity, golden_id, source_id, system, field, count, team, due_at, money, reason, remedy, detail, "
    "correlation_id, opened_at, updated_at, resolved_at, resolution, resolved_by"
)
TASK_NEW = (
    "priority, risk, assignee_id, claimed_at, snoozed_until, question, legal_entity, region, amount, currency, is_mixed, escalation, escalated_at, "
    "tags, suggestion, exc"
)
VIEWS = {
    "member": "id, name, email, teams, regions, legal_entities, is_away, delegate_id, is_active, made_at, made_by, updated_at",
    "member_actor": "actor, member_id",
    "proposal": "id, operation, given, diff, estimate, risk, needed, subject, reason, entity, golden_ids, author, author_id, author_teams, "
    "state, fresh, moved, replaces_id, decision_ids, action_id, asked_at, expires_at, settled_at, settled_by, resolution, correlation_id",
    "proposal_vote": "proposal_id, member_id, actor, for_id, teams, vote, comment, at",
    "task_event": "id, task_id, kind, actor, comment, detail, at",
}


def upgrade() -> None:
    """Everything in one transaction; the indexes of the task table are made at once, since it holds what is open and little more."""
    for statement in TABLES.split(";\n"):
        op.execute(statement.replace(":", "\\:"))
    for table in NEW:
        for statement in SECURE.format(table).split(";\n"):
            op.execute(statement)
    op.execute("GRANT USAGE ON ALL SEQUENCES IN SCHEMA hub TO hub_worker")
    op.execute("SET LOCAL ROLE hub_worker")  # it owns the views
    _view("steward_task", "task", f"{TASK}, {TASK_NEW}")
    for name, columns in VIEWS.items():
        _view(name, name, columns)
        op.execute(f"GRANT SELECT ON api.{name} TO hub_api")
    op.execute("RESET ROLE")


def _view(name: str, table: str, columns: str) -> None:
    op.execute(f"CREATE OR REPLACE VIEW api.{name} AS SELECT {columns} FROM hub.{table} WHERE {MINE}".replace("::", "\\:\\:"))


def downgrade() -> None:
    op.execute("SET LOCAL ROLE hub_worker")
    for name in (*VIEWS, "steward_task"):
        op.execute(f"DROP VIEW api.{name}")
    _view("steward_task", "task", TASK)
    op.execute("GRANT SELECT ON api.steward_task TO hub_api")
    op.execute("RESET ROLE")
    for table in reversed(NEW):
        op.execute(f"DROP TABLE hub.{table}")
    columns = [one.strip() for one in f"{TASK_NEW}, routed_at".split(",")]
    for index in ("task_subject", "task_queue", "task_queue_due", "task_queue_priority", "task_queue_amount", "task_queue_team", "task_queue_unrouted", "task_updated"):
        op.execute(f"DROP INDEX hub.{index}")
    op.execute("ALTER TABLE hub.task " + ", ".join(f"DROP COLUMN {one}" for one in columns))
    op.execute("UPDATE hub.task SET team = replace(team, '_', ' ') WHERE team LIKE '%\\_%'")
