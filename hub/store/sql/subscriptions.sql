-- Readers of the feed that the hub serves itself: connected systems and webhooks.

-- insert --
INSERT INTO hub.subscription (tenant_id, id, name, kind, system, url, secret, filter, payload, coalesces, position, state,
                              created_by, pins, topic, retry_s)
VALUES (:tenant, :id, :name, :kind, :system, :url, :secret, :filter, :payload, :coalesces, :position, :state, :created_by, :pins,
        :topic, :retry_s);

-- all --
SELECT s.id, s.name, s.kind, s.system, s.url, s.filter, s.payload, s.coalesces, s.position, s.state, s.created_at,
       s.created_by
  FROM hub.subscription s
 WHERE s.tenant_id = :tenant
 ORDER BY s.name;

-- of_system --
SELECT id
  FROM hub.subscription
 WHERE tenant_id = :tenant AND kind = 'connector' AND system = :system
 ORDER BY name;

-- by_id --
SELECT id, name, kind, system, url, secret, filter, payload, coalesces, position, state, created_at, created_by,
       former_until, topic
  FROM hub.subscription
 WHERE tenant_id = :tenant AND id = :id;

-- lock --
SELECT FROM hub.subscription
 WHERE tenant_id = :tenant AND id = :id
   FOR NO KEY UPDATE;

-- set_state --
UPDATE hub.subscription
   SET state = :state
 WHERE tenant_id = :tenant AND id = ANY (CAST(:ids AS uuid[])) AND state <> :state
RETURNING id;

-- set_position --
UPDATE hub.subscription
   SET position = :position
 WHERE tenant_id = :tenant AND id = :id;

-- set_pins --
UPDATE hub.subscription
   SET pins = pins || :pins
 WHERE tenant_id = :tenant AND id = :id
RETURNING pins;

-- set_secret --
UPDATE hub.subscription
   SET secret = :secret, former_until = :former_until
 WHERE tenant_id = :tenant AND id = :id;

-- set_endpoint --
-- Another address or schedule of tries; what is null stays.
UPDATE hub.subscription
   SET url = coalesce(:url, url), retry_s = coalesce(CAST(:retry_s AS jsonb), retry_s)
 WHERE tenant_id = :tenant AND id = :id;

-- set_mode --
INSERT INTO hub.mode (tenant_id, system, entity, field_group, mode, set_by)
VALUES (:tenant, :system, :entity, :field_group, :mode, :set_by)
ON CONFLICT (tenant_id, system, entity, field_group) DO UPDATE
   SET mode = excluded.mode, set_by = excluded.set_by, set_at = now();

-- modes --
SELECT system, entity, field_group, mode
  FROM hub.mode
 WHERE tenant_id = :tenant;

-- brake --
UPDATE hub.system
   SET braked_at = clock_timestamp()
 WHERE tenant_id = :tenant AND name = :system AND braked_at IS NULL
RETURNING name;

-- release_brake --
-- Let the run go that was stopped: everything wanted so far has been looked at by somebody.
UPDATE hub.system y
   SET braked_at = NULL,
       brake = y.brake || jsonb_build_object('released_to', coalesce((SELECT position FROM hub.feed_head h
                                                                       WHERE h.tenant_id = y.tenant_id), 0))
 WHERE y.tenant_id = :tenant AND y.name = :system
RETURNING y.name;

-- set_paused --
UPDATE hub.system
   SET paused = :paused
 WHERE tenant_id = :tenant AND name = :system
RETURNING name;

-- brake_of --
SELECT brake, braked_at
  FROM hub.system
 WHERE tenant_id = :tenant AND name = :system;

-- fare --
-- Since when endpoints fail: from the first failure after a success until the next success. Switches off those that are given up.
UPDATE hub.subscription s
   SET failing_since = CASE WHEN g.took THEN NULL WHEN g.is_reset THEN g.failed_at ELSE coalesce(s.failing_since, g.failed_at) END,
       state = CASE WHEN g.is_off AND s.state = 'active' THEN 'disabled' ELSE s.state END
  FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS g (id uuid, took boolean, failed_at timestamptz, is_off boolean, is_reset boolean)
 WHERE s.tenant_id = :tenant AND s.id = g.id
   AND (g.took AND s.failing_since IS NOT NULL OR NOT g.took AND s.failing_since IS NULL
        OR g.is_reset OR g.is_off AND s.state = 'active')
RETURNING s.id, s.name, s.kind, s.state, s.created_by;

-- come_back --
-- Endpoints take events again: try now what waits for its next try, and what was given up after the last one.
UPDATE hub.lane l
   SET state = 'due', attempts = CASE l.state WHEN 'parked' THEN 0 ELSE l.attempts END, next_try_at = statement_timestamp(),
       updated_at = statement_timestamp()
 WHERE l.tenant_id = :tenant AND l.subscription_id = ANY (CAST(:ids AS uuid[]))
   AND (l.state = 'due' AND l.attempts > 0 AND l.next_try_at > statement_timestamp()
        OR l.state = 'parked' AND EXISTS (SELECT FROM hub.task t
                                           WHERE t.tenant_id = l.tenant_id AND t.id = l.task_id AND t.cause = 'webhook_failed'))
RETURNING 1;

-- has_taken_since --
SELECT EXISTS (SELECT FROM hub.attempt a
                WHERE a.tenant_id = :tenant AND a.subscription_id = :id AND a.state = 'done' AND a.started_at > :since);
