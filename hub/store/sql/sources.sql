-- How connected systems are doing: what came in, what waits to go out, where polling stands.

-- systems --
-- Every system with its settings; never its secrets.
SELECT name, kind, connector, rank, corrects, loading, paused, braked_at, brake, go_live::text, deep_links, created_at,
       secrets IS NOT NULL AS has_secrets
  FROM hub.system
 WHERE tenant_id = :tenant AND (CAST(:system AS text) IS NULL OR name = :system)
 ORDER BY name;

-- config --
-- The connection document as it was given, with ${VARIABLES} for what is secret.
SELECT config FROM hub.system WHERE tenant_id = :tenant AND name = :system;

-- inbox_open --
-- Messages nobody has settled, per system, of the oldest :most; the queue is short but for a first load.
SELECT i.system, count(*) AS count, min(i.received_at) AS oldest_at
  FROM (SELECT inbox_id FROM hub.inbox_open WHERE tenant_id = :tenant ORDER BY inbox_id LIMIT CAST(:most AS integer)) o
  JOIN hub.inbox i ON i.tenant_id = :tenant AND i.id = o.inbox_id
 GROUP BY i.system;

-- lanes --
-- Lanes that are held back or stuck, per system, entity and state: read from their own index.
SELECT s.system, l.entity, l.state, count(*) AS count, min(l.updated_at) AS oldest_at
  FROM hub.subscription s
  JOIN hub.lane l ON l.tenant_id = s.tenant_id AND l.subscription_id = s.id
 WHERE s.tenant_id = :tenant AND s.kind = 'connector' AND (CAST(:system AS text) IS NULL OR s.system = :system)
   AND l.state IN ('waiting', 'observed', 'proposed', 'parked')
 GROUP BY s.system, l.entity, l.state;

-- due --
-- What is to be sent now or later, per system.
SELECT s.system, count(*) AS count, min(l.next_try_at) AS oldest_at, count(*) FILTER (WHERE l.attempts > 0) AS again
  FROM hub.subscription s
  JOIN hub.lane l ON l.tenant_id = s.tenant_id AND l.subscription_id = s.id
 WHERE s.tenant_id = :tenant AND s.kind = 'connector' AND (CAST(:system AS text) IS NULL OR s.system = :system)
   AND l.state = 'due'
 GROUP BY s.system;

-- polls --
SELECT system, resource, next_poll_at, polled_at, failures, error, checkpoint <> '' AS has_begun
  FROM hub.checkpoint
 WHERE tenant_id = :tenant AND (CAST(:system AS text) IS NULL OR system = :system)
 ORDER BY system, resource;

-- modes --
SELECT system, entity, field_group, mode, set_by, set_at
  FROM hub.mode
 WHERE tenant_id = :tenant AND (CAST(:system AS text) IS NULL OR system = :system)
 ORDER BY system, entity, field_group;

-- tasks --
-- Open tasks about each system, by cause.
SELECT system, cause, count(*) AS tasks, sum(count) AS count, min(opened_at) AS oldest_at
  FROM hub.task
 WHERE tenant_id = :tenant AND state = 'open' AND system IS NOT NULL AND (CAST(:system AS text) IS NULL OR system = :system)
 GROUP BY system, cause
 ORDER BY system, count(*) DESC, cause;

-- held_fields --
-- Of the writes that modes hold back, how many there are per entity and field, among the first :most lanes.
SELECT l.entity, f.name AS field, count(*) AS count
  FROM (SELECT l.entity, l.plan
          FROM hub.lane l
          JOIN hub.subscription s ON s.tenant_id = l.tenant_id AND s.id = l.subscription_id
         WHERE l.tenant_id = :tenant AND s.system = :system AND l.state IN ('observed', 'proposed') AND l.plan ? 'op'
           AND (CAST(:entity AS text) IS NULL OR l.entity = :entity)
         LIMIT CAST(:most AS integer)) l
 CROSS JOIN LATERAL jsonb_object_keys(l.plan -> 'fields') AS f (name)
 GROUP BY l.entity, f.name
 ORDER BY l.entity, count(*) DESC, f.name;

-- parked --
-- Deliveries set aside for a person: the newest first, with their last try, which is looked up for this page alone.
SELECT l.*, t.cause, t.remedy, a.operation, a.error
  FROM (SELECT l.subscription_id, l.golden_id, l.external_key, l.entity, l.wanted_version, l.attempts, l.reason, l.task_id,
               l.correlation_id, l.updated_at, l.plan
          FROM hub.subscription s
          JOIN hub.lane l ON l.tenant_id = s.tenant_id AND l.subscription_id = s.id
         WHERE s.tenant_id = :tenant AND s.system = :system AND l.state = 'parked'
           AND (CAST(:entity AS text) IS NULL OR l.entity = :entity)
           AND (CAST(:task_id AS bigint) IS NULL OR l.task_id = :task_id)
         ORDER BY l.updated_at DESC, l.golden_id
        OFFSET CAST(:skip AS integer)
         LIMIT CAST(:most AS integer)) AS l
  LEFT JOIN hub.task t ON t.tenant_id = :tenant AND t.id = l.task_id
  LEFT JOIN LATERAL (
       SELECT operation, error
         FROM hub.attempt a
        WHERE a.tenant_id = :tenant AND a.subscription_id = l.subscription_id AND a.golden_id = l.golden_id
        ORDER BY a.id DESC
        LIMIT 1
       ) a ON true
 ORDER BY l.updated_at DESC, l.golden_id;

-- attempts --
-- Every try of one delivery, newest first.
SELECT a.id, a.version, a.operation, a.state, a.intent_key, a.request, a.response, a.error, a.started_at, a.finished_at, a.worker,
       a.correlation_id
  FROM hub.attempt a
  JOIN hub.subscription s ON s.tenant_id = a.tenant_id AND s.id = a.subscription_id
 WHERE a.tenant_id = :tenant AND s.system = :system AND a.subscription_id = :subscription AND a.golden_id = :golden
   AND a.external_key = :external_key
 ORDER BY a.id DESC
 LIMIT 50;

-- would_send --
-- What a system would be sent if these fields (null: everything) of an entity (null: all) were let go, with a sample.
SELECT l.entity, l.plan ->> 'op' AS op, count(*) AS count,
       (array_agg(l.plan || jsonb_build_object('golden_id', l.golden_id) ORDER BY l.golden_id))[1 : CAST(:sample AS integer)] AS sample
  FROM hub.subscription s
  JOIN hub.lane l ON l.tenant_id = s.tenant_id AND l.subscription_id = s.id
 WHERE s.tenant_id = :tenant AND s.system = :system AND l.state IN ('observed', 'proposed') AND l.plan ? 'op'
   AND (CAST(:entity AS text) IS NULL OR l.entity = :entity)
   AND (CAST(:fields AS text[]) IS NULL OR (l.plan -> 'fields') ?| :fields)
 GROUP BY l.entity, l.plan ->> 'op'
 ORDER BY l.entity, l.plan ->> 'op';

-- would_send_money --
-- The money of those writes, per currency.
SELECT m.currency, sum(m.amount) AS amount
  FROM hub.subscription s
  JOIN hub.lane l ON l.tenant_id = s.tenant_id AND l.subscription_id = s.id
 CROSS JOIN LATERAL jsonb_to_recordset(l.plan -> 'money') AS m (amount numeric, currency text)
 WHERE s.tenant_id = :tenant AND s.system = :system AND l.state IN ('observed', 'proposed') AND l.plan ? 'op' AND l.plan ? 'money'
   AND (CAST(:entity AS text) IS NULL OR l.entity = :entity)
   AND (CAST(:fields AS text[]) IS NULL OR (l.plan -> 'fields') ?| :fields)
 GROUP BY m.currency
 ORDER BY m.currency;

-- would_hold --
-- What is on its way to a system and would stay here under a mode that only observes or proposes.
SELECT count(*) AS count
  FROM hub.subscription s
  JOIN hub.lane l ON l.tenant_id = s.tenant_id AND l.subscription_id = s.id
 WHERE s.tenant_id = :tenant AND s.system = :system AND l.state = 'due' AND (CAST(:entity AS text) IS NULL OR l.entity = :entity);

-- parked_reasons --
-- What deliveries of a system are parked for, most frequent first.
SELECT l.entity, l.task_id, t.cause, coalesce(t.reason, l.reason) AS reason, t.remedy, t.money, count(*) AS count, min(l.updated_at) AS oldest_at
  FROM hub.subscription s
  JOIN hub.lane l ON l.tenant_id = s.tenant_id AND l.subscription_id = s.id
  LEFT JOIN hub.task t ON t.tenant_id = l.tenant_id AND t.id = l.task_id
 WHERE s.tenant_id = :tenant AND s.system = :system AND l.state = 'parked'
 GROUP BY l.entity, l.task_id, t.cause, coalesce(t.reason, l.reason), t.remedy, t.money
 ORDER BY count(*) DESC, l.entity
 LIMIT 50;
