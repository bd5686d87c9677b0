-- What happened while somebody was away, read from the newest on and never further than a bound.

-- changes_since --
-- Changes of golden records since an instant, by entity and operation, among the newest :most of the feed.
SELECT c.entity, c.op, count(*) AS many, count(*) FILTER (WHERE c.cause IN ('decision', 'merge')) AS decided
  FROM (SELECT f.change_id
          FROM hub.feed AS f
          JOIN hub.feed_head AS h ON h.tenant_id = f.tenant_id
         WHERE f.tenant_id = :tenant AND f.position > h.position - CAST(:most AS bigint) AND f.sequenced_at > :since) AS new
  JOIN hub.change AS c ON c.tenant_id = :tenant AND c.id = new.change_id
 GROUP BY c.entity, c.op
 ORDER BY many DESC, c.entity, c.op;
