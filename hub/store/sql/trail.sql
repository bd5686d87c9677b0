-- Everything one correlation id holds together, from the first message to the last delivery. Each step is by an index.

-- of_key --
-- Correlations of messages under an idempotency key of any system, and of deliveries under an intent key.
SELECT i.correlation_id
  FROM hub.system s
  JOIN hub.inbox i ON i.tenant_id = s.tenant_id AND i.system = s.name AND i.idempotency_key = :key
 WHERE s.tenant_id = :tenant AND (CAST(:system AS text) IS NULL OR s.name = :system)
 UNION
SELECT a.correlation_id
  FROM hub.attempt a
 WHERE a.tenant_id = :tenant AND a.intent_key = :key;

-- of_change --
SELECT correlation_id
  FROM hub.change
 WHERE tenant_id = :tenant AND id = :id;

-- of_message --
SELECT correlation_id
  FROM hub.inbox
 WHERE tenant_id = :tenant AND id = :id;

-- of_record --
-- The correlation of a record's newest version, or of the version asked for.
SELECT correlation_id
  FROM hub.change
 WHERE tenant_id = :tenant AND golden_id = :record AND (CAST(:version AS integer) IS NULL OR version = :version)
 ORDER BY version DESC
 LIMIT 1;

-- messages --
SELECT i.id, i.system, i.object, i.external_id, i.idempotency_key, i.channel, i.actor, i.is_delete, i.is_backfill, i.version, i.correlation_id,
       i.received_at, i.traceparent, r.task_id, r.settled_at,
       CASE WHEN o.inbox_id IS NOT NULL THEN 'open' ELSE coalesce(r.outcome, 'applied') END AS outcome
  FROM hub.inbox i
  LEFT JOIN hub.inbox_open o ON o.tenant_id = i.tenant_id AND o.inbox_id = i.id
  LEFT JOIN hub.inbox_outcome r ON r.tenant_id = i.tenant_id AND r.inbox_id = i.id
 WHERE i.tenant_id = :tenant AND i.correlation_id = :correlation_id
 ORDER BY i.id
 LIMIT CAST(:most AS integer);

-- changes --
-- What the correlation itself changed, and the version that took in each of these messages together with others.
WITH mine AS (
    SELECT c.id
      FROM hub.change c
     WHERE c.tenant_id = :tenant AND c.correlation_id = :correlation_id
     ORDER BY c.id
     LIMIT CAST(:most AS integer)
), taken AS (
    SELECT t.id
      FROM unnest(CAST(:messages AS bigint[])) AS m (id)
      JOIN hub.inbox i ON i.tenant_id = :tenant AND i.id = m.id
      JOIN hub.source_record s ON s.tenant_id = i.tenant_id AND s.system = i.system AND s.object = i.object AND s.external_id = i.external_id
     CROSS JOIN LATERAL (
           SELECT c.id
             FROM hub.change c
            WHERE c.tenant_id = :tenant AND c.golden_id = s.golden_id AND c.message_id >= i.id AND c.cause = 'source'
            ORDER BY c.version
            LIMIT 1) AS t
)
SELECT c.id, f.position, c.entity, c.golden_id, c.version, c.op, c.cause, c.actor, c.correlation_id, c.message_id, c.is_backfill, c.at, h.epoch
  FROM (SELECT id FROM mine UNION SELECT id FROM taken) AS u
  JOIN hub.change c ON c.tenant_id = :tenant AND c.id = u.id
  LEFT JOIN hub.feed f ON f.tenant_id = c.tenant_id AND f.change_id = c.id
  LEFT JOIN hub.feed_head h ON h.tenant_id = c.tenant_id
 ORDER BY c.id
 LIMIT CAST(:most AS integer);

-- deliveries --
-- How far every reader is with these versions (record, lowest version).
SELECT l.subscription_id, s.name AS subscription, s.kind, s.system, l.golden_id, l.external_key, l.entity, l.wanted_version, l.delivered_version,
       l.state, l.attempts, l.next_try_at, l.reason, l.task_id, l.waits_for, l.updated_at, g.version AS of_version
  FROM unnest(CAST(:records AS uuid[]), CAST(:versions AS integer[])) AS g (golden_id, version)
  JOIN hub.lane l ON l.tenant_id = :tenant AND l.golden_id = g.golden_id AND l.wanted_version >= g.version
  JOIN hub.subscription s ON s.tenant_id = l.tenant_id AND s.id = l.subscription_id
 ORDER BY l.golden_id, s.name, l.external_key
 LIMIT CAST(:most AS integer);

-- attempts --
-- The tries that carried these versions: those of the version itself, else the first that carried a later one.
SELECT a.id, a.subscription_id, a.golden_id, a.external_key, a.version, a.operation, a.intent_key, a.state, a.request, a.response, a.error, a.worker,
       a.correlation_id, a.started_at, a.finished_at
  FROM unnest(CAST(:subscriptions AS uuid[]), CAST(:records AS uuid[]), CAST(:versions AS integer[])) AS g (subscription_id, golden_id, version)
 CROSS JOIN LATERAL (
       SELECT a.*
         FROM hub.attempt a
        WHERE a.tenant_id = :tenant AND a.subscription_id = g.subscription_id AND a.golden_id = g.golden_id AND a.version >= g.version
        ORDER BY a.version, a.id DESC
        LIMIT 20) AS a
 ORDER BY a.id
 LIMIT CAST(:most AS integer);

-- external_ids --
SELECT s.system, s.object, s.external_id, s.part, s.entity, s.golden_id, s.state, s.role, s.first_seen_at, s.updated_at
  FROM hub.source_record s
 WHERE s.tenant_id = :tenant AND s.golden_id = ANY (CAST(:records AS uuid[]))
 ORDER BY s.golden_id, s.system, s.object, s.external_id
 LIMIT CAST(:most AS integer);

-- tasks --
SELECT id
  FROM hub.task
 WHERE tenant_id = :tenant AND (correlation_id = :correlation_id AND correlation_id <> '' OR id = ANY (CAST(:ids AS bigint[])))
 ORDER BY id
 LIMIT CAST(:most AS integer);

-- actions --
SELECT id, kind, actor, made_at, entity, golden_ids, decision_ids, undone_at, undone_by
  FROM hub.action
 WHERE tenant_id = :tenant AND correlation_id = :correlation_id AND correlation_id <> ''
 ORDER BY id
 LIMIT CAST(:most AS integer);

-- proposals --
SELECT id, operation, subject, risk, state, author, asked_at, settled_at, settled_by, entity, golden_ids
  FROM hub.proposal
 WHERE tenant_id = :tenant AND correlation_id = :correlation_id AND correlation_id <> ''
 ORDER BY id
 LIMIT CAST(:most AS integer);
