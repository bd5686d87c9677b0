-- The infrastructure tables of the hub, as the first migration makes them. Every table leads with tenant_id in its
-- primary key, so the schema distributes by tenant.

CREATE TABLE hub.tenant (
    id          integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    slug        text NOT NULL UNIQUE,
    name        text NOT NULL,
    settings    jsonb NOT NULL DEFAULT '{}',
    config_version integer NOT NULL DEFAULT 1,      -- +1 with every change of systems, mappings, code maps, policy
    created_at  timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE hub.api_key (
    tenant_id   integer NOT NULL REFERENCES hub.tenant,
    id          uuid NOT NULL,
    digest      bytea NOT NULL UNIQUE,              -- SHA-256 of the key; the key itself is shown once
    prefix      text NOT NULL,
    role        text NOT NULL CHECK (role IN ('reader', 'steward', 'system', 'admin')),
    name        text NOT NULL,
    system      text,                               -- a key of role system speaks for this system only
    created_at  timestamptz NOT NULL DEFAULT now(),
    expires_at  timestamptz,
    revoked_at  timestamptz,
    last_used_at timestamptz,
    PRIMARY KEY (tenant_id, id)
);

CREATE TABLE hub.system (
    tenant_id   integer NOT NULL REFERENCES hub.tenant,
    name        text NOT NULL,
    kind        text NOT NULL,
    rank        integer NOT NULL DEFAULT 0,         -- place among the systems of its kind; lower speaks first
    connector   text NOT NULL DEFAULT '',           -- name in connectors.registry; '' for a system without one
    config      jsonb NOT NULL DEFAULT '{}',
    secrets     bytea,                              -- AES-256-GCM, tenant and name as associated data
    deep_links  jsonb NOT NULL DEFAULT '{}',        -- object → address of a record's screen there, with {id}
    corrects    boolean NOT NULL DEFAULT false,     -- send the golden value back where this system's value lost
    brake       jsonb NOT NULL DEFAULT '{"count": 1000, "percent": 20}',
    braked_at   timestamptz,
    go_live     date,                               -- records dated before are read, never delivered
    loading     boolean NOT NULL DEFAULT false,     -- first load: nothing is echoed back to it
    paused      boolean NOT NULL DEFAULT false,
    created_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, name)
);

CREATE TABLE hub.mode (
    tenant_id   integer NOT NULL,
    system      text NOT NULL,
    entity      text NOT NULL,                      -- '*' for all
    field_group text NOT NULL DEFAULT '*',
    mode        text NOT NULL CHECK (mode IN ('observe', 'propose', 'write')),
    set_by      text NOT NULL DEFAULT '',
    set_at      timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, system, entity, field_group),
    FOREIGN KEY (tenant_id, system) REFERENCES hub.system
);

CREATE TABLE hub.policy (
    tenant_id   integer NOT NULL REFERENCES hub.tenant,
    id          bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    document    jsonb NOT NULL,                     -- differences from the declared owners, policies and rules
    reason      text NOT NULL DEFAULT '',
    actor       text NOT NULL,
    made_at     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, id)
);

CREATE TABLE hub.code_map (
    tenant_id   integer NOT NULL,
    system      text NOT NULL,
    code_set    text NOT NULL,
    theirs      text NOT NULL,
    ours        text NOT NULL,
    direction   text NOT NULL DEFAULT 'both' CHECK (direction IN ('in', 'out', 'both')),
    is_default  boolean NOT NULL DEFAULT false,     -- what we write when several of theirs mean ours
    PRIMARY KEY (tenant_id, system, code_set, theirs),
    FOREIGN KEY (tenant_id, system) REFERENCES hub.system
);

CREATE TABLE hub.mapping (
    tenant_id   integer NOT NULL,
    system      text NOT NULL,
    version     integer NOT NULL,
    document    jsonb NOT NULL,                     -- {"mappings": [...]} as schema.mapping reads it
    made_at     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, system, version),
    FOREIGN KEY (tenant_id, system) REFERENCES hub.system
);

CREATE TABLE hub.extension_field (
    tenant_id   integer NOT NULL REFERENCES hub.tenant,
    entity      text NOT NULL,
    name        text NOT NULL CHECK (name ~ '^[a-z][a-z0-9_]{0,60}$'),
    kind        text NOT NULL,
    options     jsonb NOT NULL DEFAULT '{}',
    made_at     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, entity, name)
);

-- The way in ---------------------------------------------------------------------------------------------------------

-- A message as received; written once, never updated.
CREATE TABLE hub.inbox (
    tenant_id       integer NOT NULL,
    id              bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    system          text NOT NULL,
    object          text NOT NULL,
    external_id     text NOT NULL,
    idempotency_key text NOT NULL,                  -- the sender's, or ours when it has none
    body            bytea NOT NULL,
    is_delete       boolean NOT NULL DEFAULT false,
    version         text NOT NULL DEFAULT '',
    channel         text NOT NULL,
    actor           text NOT NULL,
    correlation_id  text NOT NULL,
    is_backfill     boolean NOT NULL DEFAULT false,
    received_at     timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, system, idempotency_key)
);

-- Messages nobody has settled yet: narrow rows that come and go, so that inbox itself is never updated.
CREATE TABLE hub.inbox_open (
    tenant_id   integer NOT NULL,
    inbox_id    bigint NOT NULL,
    source_hash bigint NOT NULL,                    -- of (system, object, external id): one at a time per source record
    reprocess   integer NOT NULL DEFAULT 0,
    due_at      timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, inbox_id)
) WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_cost_delay = 0);

-- What became of a message that did not simply change a golden record (a settled message without a row was applied).
CREATE TABLE hub.inbox_outcome (
    tenant_id   integer NOT NULL,
    inbox_id    bigint NOT NULL,
    outcome     text NOT NULL,                      -- unchanged, stale, waiting, quarantined, resubmitted, discarded
    task_id     bigint,
    detail      jsonb NOT NULL DEFAULT '[]',        -- [{cause, field, reason, remedy}]
    settled_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, inbox_id)
);
CREATE INDEX ON hub.inbox_outcome (tenant_id, task_id) WHERE task_id IS NOT NULL;

CREATE TABLE hub.claim (
    tenant_id   integer NOT NULL,
    queue       text NOT NULL,                      -- inbox, reconsider
    id          bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    items       bigint[] NOT NULL,
    token       uuid NOT NULL,
    worker      text NOT NULL,
    attempts    integer NOT NULL DEFAULT 1,
    lease_until timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, queue, id)
);

CREATE TABLE hub.checkpoint (
    tenant_id   integer NOT NULL,
    system      text NOT NULL,
    resource    text NOT NULL,
    checkpoint  text NOT NULL DEFAULT '',
    token       uuid,
    lease_until timestamptz,
    next_poll_at timestamptz NOT NULL DEFAULT now(),
    polled_at   timestamptz,
    failures    integer NOT NULL DEFAULT 0,
    error       text,
    PRIMARY KEY (tenant_id, system, resource),
    FOREIGN KEY (tenant_id, system) REFERENCES hub.system
);

-- Golden records -----------------------------------------------------------------------------------------------------

CREATE TABLE hub.source_record (
    tenant_id   integer NOT NULL,
    id          bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    system      text NOT NULL,
    object      text NOT NULL,
    external_id text NOT NULL,
    entity      text NOT NULL,
    part        text NOT NULL DEFAULT '',
    state       text NOT NULL,                      -- awaited, present, deleted
    golden_id   uuid,
    role        text NOT NULL DEFAULT 'primary',    -- primary, alternate, retired
    "values"    jsonb NOT NULL DEFAULT '{}',
    held        jsonb,
    raw         jsonb,
    stated      jsonb NOT NULL DEFAULT '{}',
    since       jsonb NOT NULL DEFAULT '{}',
    written     jsonb,
    links       jsonb,
    version     text NOT NULL DEFAULT '',
    message_id  bigint NOT NULL DEFAULT 0,
    mapping_version text NOT NULL DEFAULT '',
    first_seen_at timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, system, object, external_id, entity, part)
) WITH (fillfactor = 80);
CREATE INDEX source_record_golden ON hub.source_record (tenant_id, golden_id) WHERE golden_id IS NOT NULL;

-- A golden record that waits for another one: a reference whose target is not born yet.
CREATE TABLE hub.awaiting (
    tenant_id   integer NOT NULL,
    source_id   bigint NOT NULL,                    -- the awaited source record
    golden_id   uuid NOT NULL,                      -- who waits
    entity      text NOT NULL,
    field       text NOT NULL,
    is_required boolean NOT NULL,
    since       timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, source_id, golden_id, field)
);
CREATE INDEX awaiting_golden ON hub.awaiting (tenant_id, golden_id);

-- Golden records to compute again, at once or when time has passed.
CREATE TABLE hub.reconsider (
    tenant_id   integer NOT NULL,
    id          bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    entity      text NOT NULL,
    golden_id   uuid NOT NULL,
    due_at      timestamptz NOT NULL,
    cause       text NOT NULL,                      -- time, reference, decision, policy, merge
    actor       text NOT NULL DEFAULT 'hub',
    correlation_id text NOT NULL DEFAULT '',
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, golden_id, cause)
);
CREATE INDEX reconsider_due ON hub.reconsider (tenant_id, due_at);

CREATE TABLE hub.decision (
    tenant_id   integer NOT NULL,
    id          bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    kind        text NOT NULL CHECK (kind IN ('link', 'same', 'not_same', 'override', 'merge', 'split', 'accept')),
    entity      text NOT NULL,
    golden_id   uuid,
    other_id    uuid,
    source_id   bigint,
    field       text NOT NULL DEFAULT '',
    value       jsonb,
    reason      text NOT NULL DEFAULT '',
    actor       text NOT NULL,
    rule        text NOT NULL DEFAULT '',
    evidence    jsonb,
    made_at     timestamptz NOT NULL DEFAULT now(),
    until       timestamptz,
    while_source text NOT NULL DEFAULT '',
    withdrawn_at timestamptz,
    withdrawn_by text,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX decision_golden ON hub.decision (tenant_id, golden_id) WHERE withdrawn_at IS NULL;

CREATE TABLE hub.match_key (
    tenant_id   integer NOT NULL,
    entity      text NOT NULL,
    key         bigint NOT NULL,                    -- hash of the key's text; equality is checked on the values
    golden_id   uuid NOT NULL,
    PRIMARY KEY (tenant_id, entity, key, golden_id)
);
CREATE INDEX match_key_golden ON hub.match_key (tenant_id, golden_id);

CREATE TABLE hub.forward (
    tenant_id   integer NOT NULL,
    loser_id    uuid NOT NULL,
    survivor_id uuid NOT NULL,
    entity      text NOT NULL,
    decision_id bigint NOT NULL,
    PRIMARY KEY (tenant_id, loser_id)
);

-- The change log and its feed ----------------------------------------------------------------------------------------

CREATE TABLE hub.change (
    tenant_id   integer NOT NULL,
    id          bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    entity      text NOT NULL,
    golden_id   uuid NOT NULL,
    version     integer NOT NULL,
    op          text NOT NULL,
    before      jsonb NOT NULL,
    after       jsonb NOT NULL,
    cause       text NOT NULL,
    actor       text NOT NULL,
    correlation_id text NOT NULL,
    message_id  bigint NOT NULL DEFAULT 0,
    is_backfill boolean NOT NULL DEFAULT false,
    at          timestamptz NOT NULL,
    xid         xid8 NOT NULL DEFAULT pg_current_xact_id(),
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, golden_id, version)
);
CREATE INDEX change_xid ON hub.change (tenant_id, xid);

CREATE TABLE hub.feed (
    tenant_id   integer NOT NULL,
    position    bigint NOT NULL,
    change_id   bigint NOT NULL,
    sequenced_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (tenant_id, position),
    UNIQUE (tenant_id, change_id)
);

CREATE TABLE hub.feed_head (
    tenant_id   integer NOT NULL PRIMARY KEY,
    position    bigint NOT NULL DEFAULT 0,
    seen        pg_snapshot NOT NULL DEFAULT '1:1:',
    epoch       integer NOT NULL DEFAULT 1,
    dropped_to  bigint NOT NULL DEFAULT 0,          -- positions up to here are gone from the feed
    cluster     text NOT NULL DEFAULT '',           -- whose transaction ids "seen" speaks of; another one starts an epoch
    floor_id    bigint NOT NULL DEFAULT 0           -- changes up to here were in the feed when the epoch began
);

-- The way out --------------------------------------------------------------------------------------------------------

CREATE TABLE hub.subscription (
    tenant_id   integer NOT NULL REFERENCES hub.tenant,
    id          uuid NOT NULL,
    name        text NOT NULL,
    kind        text NOT NULL CHECK (kind IN ('connector', 'webhook', 'pull')),
    system      text,
    url         text,
    secret      bytea,                              -- AES-256-GCM
    filter      jsonb NOT NULL DEFAULT '{}',        -- {"entities": [...], "fields": [...], "events": [...], "backfill": bool}
    payload     text NOT NULL DEFAULT 'delta' CHECK (payload IN ('delta', 'snapshot', 'both')),
    coalesces   boolean NOT NULL DEFAULT false,
    position    bigint NOT NULL DEFAULT 0,          -- fanned out up to here
    state       text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'paused', 'disabled')),
    created_at  timestamptz NOT NULL DEFAULT now(),
    created_by  text NOT NULL DEFAULT '',
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, name)
);

CREATE TABLE hub.lane (
    tenant_id   integer NOT NULL,
    subscription_id uuid NOT NULL,
    golden_id   uuid NOT NULL,
    external_key text NOT NULL DEFAULT '',          -- '' or, where a target held two records, which of them
    entity      text NOT NULL,
    wanted_version integer NOT NULL,
    wanted_position bigint NOT NULL DEFAULT 0,
    delivered_version integer NOT NULL DEFAULT 0,
    state       text NOT NULL CHECK (state IN ('idle', 'due', 'leased', 'waiting', 'observed', 'proposed', 'parked')),
    priority    smallint NOT NULL DEFAULT 5,
    attempts    integer NOT NULL DEFAULT 0,
    next_try_at timestamptz NOT NULL DEFAULT now(),
    lease_until timestamptz,
    token       uuid,
    waits_for   uuid,                               -- the golden record the target must hold first
    plan        jsonb,                              -- what would be written (observe, propose)
    task_id     bigint,
    reason      text,
    correlation_id text NOT NULL DEFAULT '',
    updated_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, subscription_id, golden_id, external_key),
    FOREIGN KEY (tenant_id, subscription_id) REFERENCES hub.subscription
) WITH (fillfactor = 70);
CREATE INDEX lane_due ON hub.lane (tenant_id, subscription_id, priority, next_try_at) WHERE state = 'due';
CREATE INDEX lane_leased ON hub.lane (tenant_id, lease_until) WHERE state = 'leased';
CREATE INDEX lane_waiting ON hub.lane (tenant_id, subscription_id, waits_for) WHERE waits_for IS NOT NULL;
CREATE INDEX lane_golden ON hub.lane (tenant_id, golden_id);
CREATE INDEX lane_task ON hub.lane (tenant_id, task_id) WHERE task_id IS NOT NULL;

CREATE TABLE hub.attempt (
    tenant_id   integer NOT NULL,
    id          bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    subscription_id uuid NOT NULL,
    golden_id   uuid NOT NULL,
    external_key text NOT NULL DEFAULT '',
    version     integer NOT NULL,
    operation   text NOT NULL,                      -- create, update, deactivate, post, event
    intent_key  text NOT NULL,                      -- same over all tries of one intent; what "adopt" looks up
    state       text NOT NULL,                      -- intent, done, adopted, retriable, rate_limited, rejected, unknown
    request     jsonb,
    response    jsonb,
    error       jsonb,                              -- {"class", "field", "reason", "remedy", "status"}
    worker      text NOT NULL DEFAULT '',
    correlation_id text NOT NULL DEFAULT '',
    started_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    finished_at timestamptz,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX attempt_lane ON hub.attempt (tenant_id, subscription_id, golden_id, id);
CREATE INDEX attempt_open ON hub.attempt (tenant_id, intent_key) WHERE state IN ('intent', 'unknown');

-- What a person must see ---------------------------------------------------------------------------------------------

CREATE TABLE hub.task (
    tenant_id   integer NOT NULL,
    id          bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    cause       text NOT NULL,
    subject     text NOT NULL,                      -- one cause is one task: its key within the cause
    state       text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'resolved')),
    entity      text,
    golden_id   uuid,
    source_id   bigint,
    system      text,
    field       text,
    count       integer NOT NULL DEFAULT 1,
    team        text NOT NULL,
    due_at      timestamptz NOT NULL,
    money       jsonb,                              -- [{"amount", "currency"}] at stake
    reason      text NOT NULL,
    remedy      text NOT NULL,
    detail      jsonb NOT NULL DEFAULT '{}',
    correlation_id text NOT NULL DEFAULT '',
    opened_at   timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now(),
    resolved_at timestamptz,
    resolution  text,
    resolved_by text,
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX task_open ON hub.task (tenant_id, cause, subject) WHERE state = 'open';
CREATE INDEX task_golden ON hub.task (tenant_id, golden_id) WHERE golden_id IS NOT NULL;

CREATE TABLE hub.mutation (
    tenant_id   integer NOT NULL,
    actor       text NOT NULL,
    idempotency_key text NOT NULL,
    digest      bytea NOT NULL,                     -- of the input: one key never accepts two bodies
    answer      jsonb,
    at          timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, actor, idempotency_key)
);
