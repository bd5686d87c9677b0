-- What operations look at: how far every reader is, what is held and why, what belongs to one correlation.

-- status --
-- Every subscription with how far it is behind: the lowest position it still has to be told of against the head of the feed,
-- since when that one has its position, what its lanes do, and what a minute of the last five came to. Lanes are read state by
-- state, each by its partial index: those at rest, nearly all there are, are not looked at.
WITH moving AS (
    SELECT subscription_id, state, attempts, updated_at, wanted_position
      FROM hub.lane
     WHERE tenant_id = :tenant AND state = 'due'
     UNION ALL
    SELECT subscription_id, state, attempts, updated_at, wanted_position
      FROM hub.lane
     WHERE tenant_id = :tenant AND state = 'leased'
     UNION ALL
    SELECT subscription_id, state, attempts, updated_at, wanted_position
      FROM hub.lane
     WHERE tenant_id = :tenant AND state IN ('waiting', 'observed', 'proposed', 'parked')
)
SELECT s.id, s.name, s.kind, s.system, s.state, s.position, h.position AS head,
       CASE WHEN s.kind = 'pull' THEN NULL ELSE greatest(h.position - b.upto, 0) END AS lag,
       CASE WHEN s.kind = 'pull' OR h.position <= b.upto THEN 0
            ELSE extract(epoch FROM statement_timestamp() - (SELECT min(f.sequenced_at)
                                                           FROM hub.feed f
                                                          WHERE f.tenant_id = s.tenant_id AND f.position > b.upto AND f.position <= b.upto + 1)) END::float8 AS lag_s,
       coalesce(l.due, 0) AS due, coalesce(l.leased, 0) AS leased, coalesce(l.waiting, 0) AS waiting, coalesce(l.parked, 0) AS parked,
       coalesce(l.observed, 0) AS observed, coalesce(l.proposed, 0) AS proposed, coalesce(l.retries, 0) AS retries, l.oldest_at,
       coalesce(a.delivered, 0) AS delivered, coalesce(a.failed, 0) AS failed, s.failing_since
  FROM hub.subscription s
  LEFT JOIN hub.feed_head h ON h.tenant_id = s.tenant_id
  LEFT JOIN (SELECT subscription_id, count(*) FILTER (WHERE state = 'due') AS due, count(*) FILTER (WHERE state = 'leased') AS leased,
                    count(*) FILTER (WHERE state = 'waiting') AS waiting, count(*) FILTER (WHERE state = 'parked') AS parked,
                    count(*) FILTER (WHERE state = 'observed') AS observed, count(*) FILTER (WHERE state = 'proposed') AS proposed,
                    sum(attempts) FILTER (WHERE state = 'due') AS retries, min(updated_at) FILTER (WHERE state IN ('due', 'leased')) AS oldest_at,
                    min(wanted_position) FILTER (WHERE state IN ('due', 'leased')) AS wanted
               FROM moving
              GROUP BY subscription_id) AS l ON l.subscription_id = s.id
  LEFT JOIN (SELECT subscription_id, count(*) FILTER (WHERE state IN ('done', 'adopted')) AS delivered,
                    count(*) FILTER (WHERE state IN ('retriable', 'rate_limited', 'rejected', 'unknown')) AS failed
               FROM hub.attempt
              WHERE tenant_id = :tenant AND started_at > statement_timestamp() - interval '5 min'
              GROUP BY subscription_id) AS a ON a.subscription_id = s.id
 CROSS JOIN LATERAL (SELECT least(s.position, l.wanted - 1) AS upto) AS b
 WHERE s.tenant_id = :tenant AND (CAST(:id AS uuid) IS NULL OR s.id = :id)
 ORDER BY s.name;

-- held --
-- Lanes by subscription, entity, state, cause and, where :by_reason, reason; the most first.
WITH moving AS (
    SELECT tenant_id, subscription_id, golden_id, entity, state, reason, attempts, updated_at, task_id
      FROM hub.lane
     WHERE tenant_id = :tenant AND state = 'due'
     UNION ALL
    SELECT tenant_id, subscription_id, golden_id, entity, state, reason, attempts, updated_at, task_id
      FROM hub.lane
     WHERE tenant_id = :tenant AND state = 'leased'
     UNION ALL
    SELECT tenant_id, subscription_id, golden_id, entity, state, reason, attempts, updated_at, task_id
      FROM hub.lane
     WHERE tenant_id = :tenant AND state IN ('waiting', 'observed', 'proposed', 'parked')
)
SELECT s.id AS subscription_id, s.name AS subscription, s.kind, s.system, l.entity, l.state, coalesce(t.cause, '') AS cause,
       CASE WHEN CAST(:by_reason AS boolean) THEN left(coalesce(l.reason, ''), 300) END AS reason,
       count(*)::integer AS count, min(l.updated_at) AS oldest_at, sum(l.attempts)::bigint AS attempts,
       (array_agg(l.golden_id))[1:2000] AS ids, count(DISTINCT l.task_id)::integer AS tasks, min(l.task_id) AS task_id,
       min(t.team) AS team, min(t.remedy) AS remedy, min(t.due_at) AS due_at
  FROM moving l
  JOIN hub.subscription s ON s.tenant_id = l.tenant_id AND s.id = l.subscription_id
  LEFT JOIN hub.task t ON t.tenant_id = l.tenant_id AND t.id = l.task_id
 WHERE (CAST(:states AS text[]) IS NULL OR l.state = ANY (CAST(:states AS text[])))
   AND (CAST(:subscription AS uuid) IS NULL OR l.subscription_id = :subscription)
   AND (CAST(:system AS text) IS NULL OR s.system = :system)
   AND (CAST(:entity AS text) IS NULL OR l.entity = :entity)
 GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
 ORDER BY count(*) DESC, s.name, l.entity, l.state
 LIMIT 500;

-- letters --
-- What a replay would take up, without taking it.
SELECT count(*)::integer AS count, (array_agg(l.golden_id ORDER BY l.updated_at))[1:10000] AS ids
  FROM hub.lane l
 WHERE l.tenant_id = :tenant AND l.state = 'parked'
   AND (CAST(:subscription AS uuid) IS NULL OR l.subscription_id = :subscription)
   AND (CAST(:golden_ids AS uuid[]) IS NULL OR l.golden_id = ANY (:golden_ids))
   AND (CAST(:task_id AS bigint) IS NULL OR l.task_id = :task_id)
   AND (CAST(:entity AS text) IS NULL OR l.entity = :entity)
   AND (CAST(:since AS timestamptz) IS NULL OR l.updated_at >= :since)
   AND (CAST(:until AS timestamptz) IS NULL OR l.updated_at < :until);
