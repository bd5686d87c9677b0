-- What happened while somebody was away, read from the newest on and never further than a bound.

-- changes_since --
-- Changes of golden records since an instant, by entity and operation, among the newest :most of the feed. The feed is read from its
-- end and each change by its key, whatever the planner thinks of the bound: OFFSET 0 keeps it from reading the log instead.
SELECT c.entity, c.op, count(*) AS many, count(*) FILTER (WHERE c.cause IN ('decision', 'merge')) AS decided
  FROM (SELECT f.change_id, f.sequenced_at
          FROM hub.feed AS f
         WHERE f.tenant_id = :tenant
         ORDER BY f.position DESC
         LIMIT CAST(:most AS bigint)) AS new
 CROSS JOIN LATERAL (
       SELECT h.entity, h.op, h.cause FROM hub.change AS h WHERE h.tenant_id = :tenant AND h.id = new.change_id OFFSET 0) AS c
 WHERE new.sequenced_at > :since
 GROUP BY c.entity, c.op
 ORDER BY many DESC, c.entity, c.op;
