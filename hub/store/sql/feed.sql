-- The feed: changes in their position. Positions are contiguous per tenant, and nothing appears below one a reader saw.

-- open_head --
INSERT INTO hub.feed_head (tenant_id)
VALUES (:tenant)
ON CONFLICT (tenant_id) DO NOTHING;

-- lock_head --
-- Take the tenant's turn to sequence. The next statement has a fresh snapshot, which is what the feed stands on; it may
-- have a long outage to catch up with, so the time-out is lifted for the rest of the transaction.
SELECT position, seen::text AS seen, epoch, dropped_to, floor_id, set_config('statement_timeout', '600s', true)
  FROM hub.feed_head
 WHERE tenant_id = :tenant
   FOR UPDATE;

-- sequence --
-- Give positions to every change that this statement sees and :seen did not, in the order of their ids, and remember
-- this statement's own snapshot. Needs the head's lock.
--
-- "NOT pg_visible_in_snapshot(xid, seen)" is spelt out (at or above its xmax, or in progress then): two index ranges,
-- whatever old transaction holds xmin back. The upper bound is true of all we can see and keeps generic plans narrow.
WITH unseen AS (
    SELECT c.id
      FROM hub.change c
     WHERE c.tenant_id = :tenant
       AND c.xid >= pg_snapshot_xmax(CAST(CAST(:seen AS text) AS pg_snapshot))
       AND c.xid < pg_snapshot_xmax(pg_current_snapshot())
       AND c.id > :floor_id
     UNION ALL
    SELECT c.id
      FROM hub.change c
     WHERE c.tenant_id = :tenant
       AND c.xid = ANY (ARRAY (SELECT pg_snapshot_xip(CAST(CAST(:seen AS text) AS pg_snapshot))))
       AND c.id > :floor_id
), placed AS (
    INSERT INTO hub.feed (tenant_id, position, change_id)
    SELECT :tenant, CAST(:position AS bigint) + row_number() OVER (ORDER BY id), id
      FROM unseen
     ORDER BY id
    RETURNING position
), moved AS (
    UPDATE hub.feed_head h
       SET position = h.position + n.placed, seen = pg_current_snapshot()
      FROM (SELECT count(*) AS placed FROM placed) n
     WHERE h.tenant_id = :tenant AND n.placed > 0
    RETURNING h.position
)
SELECT position, pg_notify('hub_feed', CAST(:tenant AS integer) || ':' || position)
  FROM moved;

-- tenants_behind --
-- Tenants with changes that have no position yet; a cheap look without locks.
SELECT h.tenant_id
  FROM hub.feed_head h
 WHERE EXISTS (
       SELECT FROM hub.change c
        WHERE c.tenant_id = h.tenant_id AND c.id > h.floor_id
          AND c.xid >= pg_snapshot_xmax(h.seen) AND c.xid < pg_snapshot_xmax(pg_current_snapshot()))
    OR EXISTS (
       SELECT FROM hub.change c
        WHERE c.tenant_id = h.tenant_id AND c.id > h.floor_id
          AND c.xid = ANY (ARRAY (SELECT pg_snapshot_xip(h.seen))));

-- foreign_heads --
-- Heads whose snapshot speaks of another cluster's transaction ids: the database was restored elsewhere.
SELECT h.tenant_id, h.cluster = '' AS is_new
  FROM hub.feed_head h, (SELECT system_identifier::text AS cluster FROM pg_control_system()) s
 WHERE h.cluster <> s.cluster;

-- adopt_cluster --
UPDATE hub.feed_head
   SET cluster = (SELECT system_identifier::text FROM pg_control_system())
 WHERE tenant_id = :tenant AND cluster = '';

-- start_epoch --
-- After a restore: what had no position gets one, cursors of the old epoch are refused from here on. Needs the head's
-- lock, and nobody may write changes meanwhile.
WITH unplaced AS (
    SELECT c.id
      FROM hub.change c
     WHERE c.tenant_id = :tenant
       AND NOT EXISTS (SELECT FROM hub.feed f WHERE f.tenant_id = c.tenant_id AND f.change_id = c.id)
       AND c.id > coalesce((SELECT min(f.change_id) FROM hub.feed f WHERE f.tenant_id = :tenant), 0)
), placed AS (
    INSERT INTO hub.feed (tenant_id, position, change_id)
    SELECT :tenant, h.position + row_number() OVER (ORDER BY u.id), u.id
      FROM unplaced u
      JOIN hub.feed_head h ON h.tenant_id = :tenant
     ORDER BY u.id
    RETURNING position
)
UPDATE hub.feed_head h
   SET position = h.position + (SELECT count(*) FROM placed),
       seen = pg_current_snapshot(),
       epoch = h.epoch + 1,
       cluster = (SELECT system_identifier::text FROM pg_control_system()),
       floor_id = coalesce((SELECT max(c.id) FROM hub.change c WHERE c.tenant_id = :tenant), 0)
 WHERE h.tenant_id = :tenant
RETURNING h.epoch;

-- head --
SELECT position, epoch, dropped_to
  FROM hub.feed_head
 WHERE tenant_id = :tenant;

-- page --
-- The head and, in the same snapshot, the changes after a position: at most :first that pass the filter, out of the
-- next :window positions. One row with an empty change when there is none.
SELECT h.position AS head, h.epoch, h.dropped_to, p.*
  FROM hub.feed_head h
  LEFT JOIN LATERAL (
       SELECT c.golden_id, c.entity, c.version, c.op, c.before, c.after, c.cause, c.actor, c.correlation_id, c.at,
              c.message_id, c.is_backfill, c.id_map, f.position, c.id
         FROM hub.feed f
         JOIN hub.change c ON c.tenant_id = f.tenant_id AND c.id = f.change_id
        WHERE f.tenant_id = :tenant
          AND f.position > :after AND f.position <= CAST(:after AS bigint) + :window
          AND (CAST(:entities AS text[]) IS NULL OR c.entity = ANY (:entities))
          AND (CAST(:ids AS uuid[]) IS NULL OR c.golden_id = ANY (:ids))
          AND (CAST(:fields AS text[]) IS NULL OR c.after ?| :fields OR c.before ?| :fields)
        ORDER BY f.position
        LIMIT :first
       ) p ON true
 WHERE h.tenant_id = :tenant;

-- page_of_views --
-- The same for the role that sees one tenant through the views.
SELECT h.position AS head, h.epoch, h.dropped_to, p.*
  FROM api.feed_head h
  LEFT JOIN LATERAL (
       SELECT c.golden_id, c.entity, c.version, c.op, c.before, c.after, c.cause, c.actor, c.correlation_id, c.at,
              c.message_id, c.is_backfill, c.id_map, c.position, c.id
         FROM api.change c
        WHERE c.position > :after AND c.position <= CAST(:after AS bigint) + :window
          AND (CAST(:entities AS text[]) IS NULL OR c.entity = ANY (:entities))
          AND (CAST(:ids AS uuid[]) IS NULL OR c.golden_id = ANY (:ids))
          AND (CAST(:fields AS text[]) IS NULL OR c.after ?| :fields OR c.before ?| :fields)
        ORDER BY c.position
        LIMIT :first
       ) p ON true;

-- needed_from --
-- The lowest position somebody still needs: subscriptions that have to fan it out, lanes that have to deliver it, the seal to come.
SELECT least(
       (SELECT min(s.position) + 1
          FROM hub.subscription s
         WHERE s.tenant_id = :tenant AND s.kind <> 'pull' AND s.state <> 'disabled'),
       (SELECT min(f.position)
          FROM hub.lane l
          JOIN hub.subscription s ON s.tenant_id = l.tenant_id AND s.id = l.subscription_id
          JOIN hub.change c ON c.tenant_id = l.tenant_id AND c.golden_id = l.golden_id
                           AND c.version > l.delivered_version AND c.version <= l.wanted_version
          JOIN hub.feed f ON f.tenant_id = c.tenant_id AND f.change_id = c.id
         WHERE l.tenant_id = :tenant AND s.state <> 'disabled' AND l.state <> 'idle' AND s.kind <> 'connector'),
       (SELECT h.position + 1
          FROM hub.seal_head h
         WHERE h.tenant_id = :tenant));

-- older_than --
-- Up to where the next :most positions were given longer than :days ago; null where none was.
SELECT max(p.position)
  FROM (SELECT position, sequenced_at
          FROM hub.feed
         WHERE tenant_id = :tenant
         ORDER BY position
         LIMIT CAST(:most AS integer)) p
 WHERE p.sequenced_at < clock_timestamp() - make_interval(days => CAST(:days AS integer));

-- holders --
-- Whose subscriptions still need positions up to :position: they have not fanned it out, or a lane of theirs is not done.
SELECT s.name
  FROM hub.subscription s
 WHERE s.tenant_id = :tenant AND s.kind <> 'pull' AND s.state <> 'disabled'
   AND (s.position < :position
        OR (s.kind <> 'connector'
            AND EXISTS (SELECT
                          FROM hub.lane l
                          JOIN hub.change c ON c.tenant_id = l.tenant_id AND c.golden_id = l.golden_id
                                           AND c.version > l.delivered_version AND c.version <= l.wanted_version
                          JOIN hub.feed f ON f.tenant_id = c.tenant_id AND f.change_id = c.id
                         WHERE l.tenant_id = :tenant AND l.subscription_id = s.id AND l.state <> 'idle' AND f.position <= :position)))
 ORDER BY s.name;

-- drop_below --
-- Forget positions up to :position; readers behind it are told so from the next read on. Needs the head's lock.
WITH dropped AS (
    DELETE FROM hub.feed
     WHERE tenant_id = :tenant AND position <= :position
)
UPDATE hub.feed_head
   SET dropped_to = greatest(dropped_to, least(CAST(:position AS bigint), position))
 WHERE tenant_id = :tenant
RETURNING dropped_to;
