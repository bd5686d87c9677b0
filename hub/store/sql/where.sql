-- Where records stand: what every connected system, lane, task and hold says of them. Reads only, always by keys.

-- columns --
-- Per connected system its switches, and how far its connector subscriptions are with one golden record, with the last try.
SELECT y.name, y.kind, y.rank, y.deep_links, y.corrects, y.paused, y.braked_at IS NOT NULL AS is_braked, y.go_live,
       s.id AS subscription_id, s.state AS subscription_state, s.filter, l.external_key, l.state, l.wanted_version, l.delivered_version,
       l.attempts, l.next_try_at, l.waits_for, l.reason, l.task_id, l.plan, l.updated_at AS lane_updated_at,
       a.operation, a.state AS try_state, a.error, a.started_at, a.finished_at, a.version AS try_version
  FROM hub.system y
  LEFT JOIN hub.subscription s ON s.tenant_id = y.tenant_id AND s.kind = 'connector' AND s.system = y.name
  LEFT JOIN hub.lane l ON l.tenant_id = y.tenant_id AND l.subscription_id = s.id AND l.golden_id = :golden_id
  LEFT JOIN LATERAL (
       SELECT t.operation, t.state, t.error, t.started_at, t.finished_at, t.version
         FROM hub.attempt t
        WHERE t.tenant_id = y.tenant_id AND t.subscription_id = s.id AND t.golden_id = :golden_id
        ORDER BY t.id DESC
        LIMIT 1
       ) a ON l.subscription_id IS NOT NULL
 WHERE y.tenant_id = :tenant
 ORDER BY y.name, s.state <> 'active', s.name, l.external_key;

-- contributions --
-- Every system's record of one golden record, with the message that last spoke of it.
SELECT s.id, s.role, s.updated_at, s.first_seen_at, i.received_at, i.channel, i.correlation_id, i.actor
  FROM hub.source_record s
  LEFT JOIN hub.inbox i ON i.tenant_id = s.tenant_id AND i.id = s.message_id AND s.message_id > 0
 WHERE s.tenant_id = :tenant AND s.golden_id = :golden_id;

-- externals --
-- How every system names these golden records; the primary record first.
SELECT golden_id, entity, system, object, external_id
  FROM hub.source_record
 WHERE tenant_id = :tenant AND golden_id = ANY (CAST(:golden_ids AS uuid[])) AND state = 'present' AND part = ''
 ORDER BY golden_id, role = 'primary' DESC, id;

-- tasks --
-- The open tasks about these golden records, or under these ids.
SELECT id, golden_id, cause, system, field, team, due_at, money, reason, remedy, count
  FROM hub.task
 WHERE tenant_id = :tenant AND state = 'open' AND golden_id = ANY (CAST(:golden_ids AS uuid[]))
UNION
SELECT id, golden_id, cause, system, field, team, due_at, money, reason, remedy, count
  FROM hub.task
 WHERE tenant_id = :tenant AND state = 'open' AND id = ANY (CAST(:ids AS bigint[]))
 ORDER BY due_at, id;

-- awaited --
-- What these golden records wait for because nobody has told of it yet.
SELECT a.golden_id, a.field, a.is_required, a.since, s.system, s.object, s.external_id, s.entity
  FROM hub.awaiting a
  JOIN hub.source_record s ON s.tenant_id = a.tenant_id AND s.id = a.source_id
 WHERE a.tenant_id = :tenant AND a.golden_id = ANY (CAST(:golden_ids AS uuid[]))
 ORDER BY a.golden_id, a.field;

-- unfinished_lanes --
-- How far connected systems are with these golden records, where something is still to be done or was refused.
SELECT l.golden_id, s.system, l.state, l.reason, l.attempts, l.next_try_at, l.waits_for, l.task_id
  FROM hub.lane l
  JOIN hub.subscription s ON s.tenant_id = l.tenant_id AND s.id = l.subscription_id AND s.kind = 'connector'
 WHERE l.tenant_id = :tenant AND l.golden_id = ANY (CAST(:golden_ids AS uuid[])) AND l.state <> 'idle'
 ORDER BY l.golden_id, s.system;

-- holding --
-- The source record of a system that has a value held back by a lock.
SELECT id
  FROM hub.source_record
 WHERE tenant_id = :tenant AND golden_id = :golden_id AND system = :system AND held ? :field
 ORDER BY id
 LIMIT 1;

-- deep_links --
SELECT name, deep_links
  FROM hub.system
 WHERE tenant_id = :tenant;
