-- What /metrics of the api tells from the tables, over all tenants. Labels are names of tenants, systems, subscriptions and causes.

-- hub_feed_position --
-- Newest position of the feed.
SELECT t.slug AS tenant, h.position::float8 AS value
  FROM hub.feed_head h
  JOIN hub.tenant t ON t.id = h.tenant_id;

-- hub_unsequenced_age_seconds --
-- Age of the oldest change without a position in the feed.
SELECT t.slug AS tenant, coalesce(extract(epoch FROM statement_timestamp() - min(c.at)), 0)::float8 AS value
  FROM hub.feed_head h
  JOIN hub.tenant t ON t.id = h.tenant_id
  LEFT JOIN hub.change c ON c.tenant_id = h.tenant_id AND c.id > h.floor_id
                        AND c.xid >= pg_snapshot_xmax(h.seen) AND c.xid < pg_snapshot_xmax(pg_current_snapshot())
 GROUP BY t.slug;

-- hub_inbox_open --
-- Messages nobody has settled yet.
SELECT t.slug AS tenant, count(o.inbox_id)::float8 AS value
  FROM hub.tenant t
  LEFT JOIN hub.inbox_open o ON o.tenant_id = t.id
 GROUP BY t.slug;

-- hub_oldest_unsettled_seconds --
-- Age of the oldest row that waits for a worker, by queue: inbox (messages), reconsider (records due to be computed), lanes (due deliveries).
SELECT t.slug AS tenant, q.queue, greatest(coalesce(extract(epoch FROM statement_timestamp() - q.since), 0), 0)::float8 AS value
  FROM hub.tenant t
 CROSS JOIN LATERAL (
       SELECT 'inbox' AS queue, (SELECT min(o.due_at) FROM hub.inbox_open o WHERE o.tenant_id = t.id) AS since
        UNION ALL
       SELECT 'reconsider', (SELECT min(r.due_at) FROM hub.reconsider r WHERE r.tenant_id = t.id)
        UNION ALL
       SELECT 'lanes', (SELECT min(l.next_try_at) FROM hub.lane l WHERE l.tenant_id = t.id AND l.state = 'due')) AS q;

-- hub_subscription_lag_positions --
-- Positions of the feed a reader has not been fanned out to.
SELECT t.slug AS tenant, s.name AS subscription, s.kind, s.state, greatest(h.position - s.position, 0)::float8 AS value
  FROM hub.subscription s
  JOIN hub.tenant t ON t.id = s.tenant_id
  JOIN hub.feed_head h ON h.tenant_id = s.tenant_id
 WHERE s.kind <> 'pull';

-- hub_subscription_lag_seconds --
-- How long the oldest delivery under way, or position not fanned out, of a reader has waited.
SELECT t.slug AS tenant, s.name AS subscription, s.kind, s.state,
       greatest(coalesce(extract(epoch FROM statement_timestamp() - least(
           (SELECT min(l.updated_at) FROM hub.lane l WHERE l.tenant_id = s.tenant_id AND l.subscription_id = s.id AND l.state = 'due'),
           (SELECT f.sequenced_at FROM hub.feed f WHERE f.tenant_id = s.tenant_id AND f.position = s.position + 1))), 0), 0)::float8 AS value
  FROM hub.subscription s
  JOIN hub.tenant t ON t.id = s.tenant_id
 WHERE s.kind <> 'pull' AND s.state = 'active';

-- hub_lanes --
-- Deliveries that are not at rest, by state.
SELECT t.slug AS tenant, s.name AS subscription, l.state, l.count::float8 AS value
  FROM hub.tenant t
 CROSS JOIN LATERAL (
       SELECT m.subscription_id, m.state, count(*) AS count
         FROM (SELECT subscription_id, state FROM hub.lane WHERE tenant_id = t.id AND state = 'due'
                UNION ALL
               SELECT subscription_id, state FROM hub.lane WHERE tenant_id = t.id AND state = 'leased'
                UNION ALL
               SELECT subscription_id, state FROM hub.lane WHERE tenant_id = t.id AND state IN ('waiting', 'observed', 'proposed', 'parked')) AS m
        GROUP BY 1, 2) AS l
  JOIN hub.subscription s ON s.tenant_id = t.id AND s.id = l.subscription_id;

-- hub_retries_waiting --
-- Failed tries behind the deliveries that are due.
SELECT t.slug AS tenant, s.name AS subscription, sum(l.attempts)::float8 AS value
  FROM hub.tenant t
  JOIN hub.lane l ON l.tenant_id = t.id AND l.state = 'due' AND l.attempts > 0
  JOIN hub.subscription s ON s.tenant_id = l.tenant_id AND s.id = l.subscription_id
 GROUP BY 1, 2;

-- hub_attempts_last_minute --
-- Tries of the last minute, by what became of them: throughput and failures.
SELECT t.slug AS tenant, s.name AS subscription, a.state, count(*)::float8 AS value
  FROM hub.attempt a
  JOIN hub.subscription s ON s.tenant_id = a.tenant_id AND s.id = a.subscription_id
  JOIN hub.tenant t ON t.id = a.tenant_id
 WHERE a.started_at > statement_timestamp() - interval '1 min'
 GROUP BY 1, 2, 3;

-- hub_breaker_state --
-- Circuit breakers by system and operation: 0 closed, 1 half open, 2 open.
SELECT t.slug AS tenant, b.system, b.operation, CASE b.state WHEN 'closed' THEN 0 WHEN 'half_open' THEN 1 ELSE 2 END::float8 AS value
  FROM hub.breaker b
  JOIN hub.tenant t ON t.id = b.tenant_id;

-- hub_quota_used --
-- Requests lent to workers of a system's daily quota, today.
SELECT t.slug AS tenant, q.system, CASE WHEN q.day >= current_date - 1 THEN q.used ELSE 0 END::float8 AS value
  FROM hub.quota q
  JOIN hub.tenant t ON t.id = q.tenant_id;

-- hub_system_held --
-- Systems nothing is written to: paused by hand, or held by the brake.
SELECT t.slug AS tenant, y.name AS system, CASE WHEN y.paused THEN 'paused' ELSE 'braked' END AS why, 1::float8 AS value
  FROM hub.system y
  JOIN hub.tenant t ON t.id = y.tenant_id
 WHERE y.paused OR y.braked_at IS NOT NULL;

-- hub_poll_failures --
-- Failures of polls in a row, by resource.
SELECT t.slug AS tenant, c.system, c.resource, c.failures::float8 AS value
  FROM hub.checkpoint c
  JOIN hub.tenant t ON t.id = c.tenant_id;

-- hub_tasks --
-- Open tasks by cause and team.
SELECT t.slug AS tenant, k.cause, k.team, count(*)::float8 AS value
  FROM hub.task k
  JOIN hub.tenant t ON t.id = k.tenant_id
 WHERE k.state = 'open'
 GROUP BY 1, 2, 3;

-- hub_tasks_overdue --
-- Open tasks past their deadline.
SELECT t.slug AS tenant, k.cause, k.team, count(*)::float8 AS value
  FROM hub.task k
  JOIN hub.tenant t ON t.id = k.tenant_id
 WHERE k.state = 'open' AND k.due_at < statement_timestamp()
 GROUP BY 1, 2, 3;

-- hub_money_blocked --
-- Money that open tasks hold up, by cause and currency; never add currencies. Rounded to a double: for pictures, not for books.
SELECT t.slug AS tenant, k.cause, k.currency, sum(k.amount)::float8 AS value
  FROM hub.task k
  JOIN hub.tenant t ON t.id = k.tenant_id
 WHERE k.state = 'open' AND k.amount IS NOT NULL AND k.currency IS NOT NULL
 GROUP BY 1, 2, 3;

-- hub_alerts --
-- Open alerts by kind of root cause.
SELECT t.slug AS tenant, coalesce(k.detail ->> 'kind', '') AS kind, coalesce(k.system, '') AS system, count(*)::float8 AS value
  FROM hub.task k
  JOIN hub.tenant t ON t.id = k.tenant_id
 WHERE k.state = 'open' AND k.cause = 'alert'
 GROUP BY 1, 2, 3;

-- hub_unsealed_entries --
-- Entries of the trail that no seal holds yet.
SELECT t.slug AS tenant, (greatest(coalesce(f.position, 0) - h.position, 0) + (SELECT count(*) FROM hub.seal_due d WHERE d.tenant_id = h.tenant_id))::float8 AS value
  FROM hub.seal_head h
  JOIN hub.tenant t ON t.id = h.tenant_id
  LEFT JOIN hub.feed_head f ON f.tenant_id = h.tenant_id;

-- hub_database_connections --
-- Connections to the database by who holds them and what they do.
SELECT split_part(coalesce(nullif(regexp_replace(application_name, '^.*:[0-9]+:', ''), ''), 'other'), ' ', 1) AS application, coalesce(state, 'none') AS state, count(*)::float8 AS value
  FROM pg_stat_activity
 WHERE datname = current_database()
 GROUP BY 1, 2;
