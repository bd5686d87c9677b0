-- What goes wrong, as rows show it: symptoms, which hub.core.alerting traces back to their root causes.

-- turn --
-- Whoever gets this row looks; everybody else has just been looked for. One row per tenant and look.
INSERT INTO hub.finder AS f (tenant_id, name, looked_at)
VALUES (:tenant, 'alerts', clock_timestamp())
ON CONFLICT (tenant_id, name) DO UPDATE SET looked_at = clock_timestamp()
 WHERE f.looked_at < clock_timestamp() - make_interval(secs => CAST(:every_s AS float8))
RETURNING true;

-- of_the_hub --
-- Changes without a position, messages nobody folds, deliveries that rest after a restore, a trail that is not as it was sealed.
SELECT 'sequencing_stalled' AS kind, min(c.at) AS since, count(*)::integer AS count, '' AS name
  FROM hub.feed_head h
  JOIN hub.change c ON c.tenant_id = h.tenant_id AND c.id > h.floor_id
                   AND c.xid >= pg_snapshot_xmax(h.seen) AND c.xid < pg_snapshot_xmax(pg_current_snapshot())
 WHERE h.tenant_id = :tenant
HAVING min(c.at) < clock_timestamp() - interval '30 s'
 UNION ALL
SELECT 'ingest_stalled', min(o.due_at), count(*)::integer, ''
  FROM hub.inbox_open o
 WHERE o.tenant_id = :tenant AND o.due_at < statement_timestamp() - interval '30 s'
HAVING count(*) > 0
 UNION ALL
SELECT 'restored', min(r.restored_at), 1, ''
  FROM hub.restore r
 WHERE r.tenant_id = :tenant AND r.resumed_at IS NULL
HAVING count(*) > 0
 UNION ALL
SELECT 'trail_altered', h.verified_at, 1, left(h.finding, 200)
  FROM hub.seal_head h
 WHERE h.tenant_id = :tenant AND h.finding <> '';

-- deliverers --
-- Whether a process that delivers is connected.
SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE '%deliver listener');

-- of_systems --
-- Systems that are held or do not answer.
SELECT 'braked' AS kind, y.name AS system, y.braked_at AS since, '' AS name
  FROM hub.system y
 WHERE y.tenant_id = :tenant AND y.braked_at IS NOT NULL
 UNION ALL
SELECT 'paused', y.name, NULL, ''
  FROM hub.system y
 WHERE y.tenant_id = :tenant AND y.paused
   AND NOT EXISTS (SELECT FROM hub.task t
                    WHERE t.tenant_id = y.tenant_id AND t.cause = 'system_disabled' AND t.system = y.name AND t.state = 'open')
 UNION ALL
SELECT 'system_down', t.system, t.opened_at, 'it failed for so long that the hub paused it'
  FROM hub.task t
 WHERE t.tenant_id = :tenant AND t.cause = 'system_disabled' AND t.state = 'open' AND t.system IS NOT NULL
 UNION ALL
SELECT 'system_down', b.system, min(b.failing_since), left(max(b.error), 200)
  FROM hub.breaker b
 WHERE b.tenant_id = :tenant AND b.state <> 'closed' AND b.failing_since IS NOT NULL
 GROUP BY b.system
 UNION ALL
SELECT 'system_down', s.system, min(a.started_at), left(max(a.error ->> 'reason'), 200)
  FROM hub.attempt a
  JOIN hub.subscription s ON s.tenant_id = a.tenant_id AND s.id = a.subscription_id AND s.kind = 'connector'
 WHERE a.tenant_id = :tenant AND a.started_at > statement_timestamp() - interval '10 min' AND a.state <> 'intent'
 GROUP BY s.system
HAVING count(*) >= 5 AND bool_and(a.state IN ('retriable', 'unknown', 'abandoned'))
 UNION ALL
SELECT CASE WHEN c.failures >= 5 THEN 'system_down' ELSE 'poll_late' END, c.system,
       min(coalesce(c.polled_at, c.next_poll_at)), left(max(coalesce(c.error, 'nobody polled it')), 200)
  FROM hub.checkpoint c
  JOIN hub.system y ON y.tenant_id = c.tenant_id AND y.name = c.system AND NOT y.paused
 WHERE c.tenant_id = :tenant AND (c.failures >= 3 OR c.next_poll_at < clock_timestamp() - interval '5 min')
 GROUP BY c.system, c.failures >= 5;

-- of_tasks --
-- Credentials and configurations that do not hold, and tasks past their deadline, by cause. Of deliveries the system is told.
SELECT CASE WHEN t.cause = 'credentials' THEN 'credentials' ELSE 'unusable' END AS kind, coalesce(t.system, '') AS system, min(t.opened_at) AS since,
       sum(t.count)::integer AS count, '' AS name, min(t.due_at) AS due_at, '' AS team, NULL::jsonb AS money
  FROM hub.task t
 WHERE t.tenant_id = :tenant AND t.state = 'open' AND t.cause IN ('credentials', 'connector_unusable', 'configuration') AND t.system IS NOT NULL
 GROUP BY 1, 2
 UNION ALL
SELECT 'overdue', CASE WHEN t.cause = ANY (CAST(:of_deliveries AS text[])) THEN coalesce(t.system, '') ELSE '' END, min(t.due_at),
       count(*)::integer, t.cause, min(t.due_at), t.team,
       (SELECT jsonb_agg(m.one)
          FROM (SELECT jsonb_build_object('currency', o.currency, 'amount', sum(o.amount)::text) AS one
                  FROM hub.task o
                 WHERE o.tenant_id = :tenant AND o.state = 'open' AND o.cause = t.cause AND o.team = t.team AND o.due_at < clock_timestamp()
                   AND o.amount IS NOT NULL AND o.currency IS NOT NULL
                 GROUP BY o.currency) AS m)
  FROM hub.task t
 WHERE t.tenant_id = :tenant AND t.state = 'open' AND t.due_at < clock_timestamp() AND t.cause <> 'alert'
   AND (t.snoozed_until IS NULL OR t.snoozed_until < clock_timestamp())
 GROUP BY 2, t.cause, t.team;

-- of_parents --
-- Records that wait for parents which never came, by the system that should send them.
SELECT r.system, min(a.since) AS since, count(DISTINCT a.golden_id)::integer AS count
  FROM hub.awaiting a
  JOIN hub.source_record r ON r.tenant_id = a.tenant_id AND r.id = a.source_id AND r.state = 'awaited'
 WHERE a.tenant_id = :tenant AND a.is_required AND a.since < clock_timestamp() - interval '2 min'
 GROUP BY r.system;

-- of_subscriptions --
-- Webhooks that take nothing, and readers that are not told of changes with a position.
SELECT 'endpoint_down' AS kind, s.name AS subscription, coalesce(s.system, '') AS system, s.failing_since AS since, 1 AS count
  FROM hub.subscription s
 WHERE s.tenant_id = :tenant AND s.state = 'active' AND s.failing_since IS NOT NULL
 UNION ALL
SELECT 'behind', s.name, coalesce(s.system, ''), f.sequenced_at, least(h.position - s.position, 2147483647)::integer
  FROM hub.subscription s
  JOIN hub.feed_head h ON h.tenant_id = s.tenant_id AND h.position > s.position
  JOIN hub.feed f ON f.tenant_id = s.tenant_id AND f.position = s.position + 1 AND f.sequenced_at < clock_timestamp() - interval '60 s'
 WHERE s.tenant_id = :tenant AND s.state = 'active' AND s.kind <> 'pull';

-- of_lanes --
-- Deliveries that are held, by subscription and why; a few thousand records of each, to know the money.
WITH held AS (
    SELECT * FROM hub.lane WHERE tenant_id = :tenant AND state IN ('waiting', 'observed', 'proposed', 'parked') AND state IN ('parked', 'waiting')
     UNION ALL
    SELECT * FROM hub.lane WHERE tenant_id = :tenant AND state = 'due' AND (attempts > 0 OR next_try_at < clock_timestamp() - interval '60 s')
     UNION ALL
    SELECT * FROM hub.lane WHERE tenant_id = :tenant AND state = 'leased' AND lease_until < clock_timestamp() - interval '60 s'
)
SELECT s.name AS subscription, s.kind AS reader, coalesce(s.system, '') AS system,
       CASE WHEN l.gate_id IS NOT NULL THEN 'period_closed'
            WHEN l.state IN ('due', 'leased') THEN 'late'
            WHEN l.state = 'waiting' THEN 'waiting'
            WHEN t.cause = 'unknown_outcome' THEN 'unknown_outcome'
            WHEN t.cause IN ('delivery_rejected', 'webhook_refused', 'duplicate_at_target') THEN 'refused'
            WHEN t.cause IN ('credentials', 'connector_unusable', 'configuration') THEN 'given_up'
            WHEN t.cause = 'missing_parent' THEN 'waiting'
            ELSE 'given_up' END AS kind,
       count(*)::integer AS count, min(l.updated_at) AS since, min(t.due_at) AS due_at,
       (array_agg(l.golden_id))[1:2000] AS ids
  FROM held l
  JOIN hub.subscription s ON s.tenant_id = l.tenant_id AND s.id = l.subscription_id AND s.state = 'active'
  LEFT JOIN hub.task t ON t.tenant_id = l.tenant_id AND t.id = l.task_id AND t.state = 'open'
 GROUP BY 1, 2, 3, 4;

-- standing --
-- Alerts that are open, as they were told last.
SELECT id, subject, count, money, detail, reason, extract(epoch FROM clock_timestamp() - updated_at)::float8 AS age_s
  FROM hub.task
 WHERE tenant_id = :tenant AND cause = 'alert' AND state = 'open';

-- place --
-- Where alerts go, and by when: the kind of their root says it.
UPDATE hub.task AS t
   SET team = g.team, due_at = t.opened_at + make_interval(hours => g.due_h), priority = g.priority, routed_at = clock_timestamp()
  FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS g (id bigint, team text, due_h integer, priority smallint)
 WHERE t.tenant_id = :tenant AND t.id = g.id;

-- to_tell --
-- Alerts that opened or ended and nobody outside was told of.
SELECT id, subject, state, count, money, detail, reason, remedy, team, due_at, opened_at, resolved_at
  FROM hub.task
 WHERE tenant_id = :tenant AND cause = 'alert'
   AND (state = 'open' AND NOT detail ? 'told'
        OR state = 'resolved' AND detail ? 'told' AND NOT detail ? 'told_end' AND resolved_at > clock_timestamp() - interval '1 day')
 ORDER BY id
 LIMIT 50;

-- told --
UPDATE hub.task
   SET detail = detail || CASE state WHEN 'open' THEN '{"told": true}'::jsonb ELSE '{"told_end": true}'::jsonb END
 WHERE tenant_id = :tenant AND id = :id;
