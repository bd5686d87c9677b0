-- Readers of the feed that the hub serves itself: connected systems and webhooks.

-- insert --
INSERT INTO hub.subscription (tenant_id, id, name, kind, system, url, secret, filter, payload, coalesces, position, state,
                              created_by, pins, topic)
VALUES (:tenant, :id, :name, :kind, :system, :url, :secret, :filter, :payload, :coalesces, :position, :state, :created_by, :pins,
        :topic);

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
SELECT id, name, kind, system, url, secret, filter, payload, coalesces, position, state, created_at, created_by
  FROM hub.subscription
 WHERE tenant_id = :tenant AND id = :id;

-- set_state --
UPDATE hub.subscription
   SET state = :state
 WHERE tenant_id = :tenant AND id = ANY (CAST(:ids AS uuid[])) AND state <> :state
RETURNING id;

-- set_position --
UPDATE hub.subscription
   SET position = :position
 WHERE tenant_id = :tenant AND id = :id;

-- set_secret --
UPDATE hub.subscription
   SET secret = :secret
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
