-- Records as of a position of the feed: where a new reader begins.

-- page_at --
-- The next :first records of an entity by id, each with the change that made its newest version sequenced at :position
-- or before; without one (born later), the row has no change. No locks, and no transaction that outlives a page: what
-- came after :position is recognised by its place in the feed, or by having none yet.
-- The entity's table is put in by name, from the model.
WITH page AS (
    SELECT g.id, g.version
      FROM golden.{entity} g
     WHERE g.tenant_id = :tenant AND (CAST(:after AS uuid) IS NULL OR g.id > :after)
       AND (CAST(:ids AS uuid[]) IS NULL OR g.id = ANY (:ids))
     ORDER BY g.id
     LIMIT :first
), late AS (
    SELECT c.golden_id, min(c.version) AS version
      FROM page p
      JOIN hub.change c ON c.tenant_id = :tenant AND c.golden_id = p.id
      JOIN hub.feed_head h ON h.tenant_id = :tenant
      LEFT JOIN hub.feed f ON f.tenant_id = c.tenant_id AND f.change_id = c.id
     WHERE f.position > :position OR (f.position IS NULL AND c.id > h.floor_id AND NOT pg_visible_in_snapshot(c.xid, h.seen))
     GROUP BY c.golden_id
)
SELECT p.id AS page_id, c.golden_id, c.entity, c.version, c.op, c.before, c.after, c.cause, c.actor, c.correlation_id,
       c.at, c.message_id, c.is_backfill, c.id_map, CAST(:position AS bigint) AS position, c.id
  FROM page p
  LEFT JOIN late l ON l.golden_id = p.id
  LEFT JOIN hub.change c ON c.tenant_id = :tenant AND c.golden_id = p.id AND c.version = coalesce(l.version - 1, p.version)
 ORDER BY p.id;
