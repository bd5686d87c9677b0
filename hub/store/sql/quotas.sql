-- Quotas: what connected systems let us ask, shared by all workers. Times to send at are lent in order, slots are leased.

-- open --
-- A connection's row, before its first loan.
INSERT INTO hub.quota (tenant_id, system)
VALUES (:tenant, :system)
ON CONFLICT DO NOTHING;

-- lend --
-- Lend the next :want times to send at, :spacing_s apart, as many as the day (of :zone) still allows of :allowed; :unused are
-- given back to the day. Answers how many, in how many seconds the first is, and what the day has used. No row: open it first.
-- Locks the connection's row for this statement alone.
WITH now AS MATERIALIZED (
    SELECT clock_timestamp() AS at, CAST(clock_timestamp() AT TIME ZONE :zone AS date) AS today
), held AS MATERIALIZED (
    SELECT q.next_slot_at, greatest(CASE WHEN q.day = n.today THEN q.used ELSE 0 END - CAST(:unused AS integer), 0) AS used, n.at, n.today
      FROM hub.quota q, now n
     WHERE q.tenant_id = :tenant AND q.system = :system
       FOR UPDATE OF q
), lent AS (
    SELECT greatest(next_slot_at, at) AS first_at, used, today, at,
           least(CAST(:want AS integer), greatest(coalesce(CAST(:allowed AS integer), 2000000000) - used, 0)) AS count
      FROM held
)
UPDATE hub.quota q
   SET next_slot_at = CASE WHEN l.count > 0 THEN l.first_at + make_interval(secs => l.count * CAST(:spacing_s AS float8)) ELSE q.next_slot_at END,
       day = l.today, used = l.used + l.count
  FROM lent l
 WHERE q.tenant_id = :tenant AND q.system = :system
RETURNING l.count, CAST(extract(epoch FROM l.first_at - l.at) AS float8) AS first_in_s, q.used,
          CAST(extract(epoch FROM (CAST(l.today + 1 AS timestamp) AT TIME ZONE :zone) - l.at) AS float8) AS day_ends_in_s;

-- pause --
-- The system asked for a pause (Retry-After): nobody sends before it is over.
INSERT INTO hub.quota AS q (tenant_id, system, next_slot_at)
VALUES (:tenant, :system, clock_timestamp() + make_interval(secs => CAST(:seconds AS float8)))
ON CONFLICT (tenant_id, system) DO UPDATE
   SET next_slot_at = greatest(q.next_slot_at, excluded.next_slot_at);

-- lock --
-- Take the connection's turn to lease slots.
SELECT true FROM hub.quota WHERE tenant_id = :tenant AND system = :system FOR UPDATE;

-- other_slots --
-- What other workers hold; leases that ran out are nobody's. Needs the connection's turn.
SELECT slots, wants
  FROM hub.quota_slot
 WHERE tenant_id = :tenant AND system = :system AND worker <> :worker AND expires_at > clock_timestamp();

-- lease_slots --
-- Hold so many slots until :lease_s from now, and forget who has been gone for a while.
WITH gone AS (
    DELETE FROM hub.quota_slot
     WHERE tenant_id = :tenant AND system = :system AND expires_at < clock_timestamp() - interval '1 minute' AND worker <> :worker
)
INSERT INTO hub.quota_slot (tenant_id, system, worker, slots, wants, expires_at)
VALUES (:tenant, :system, :worker, :slots, :wants, clock_timestamp() + make_interval(secs => CAST(:lease_s AS float8)))
ON CONFLICT (tenant_id, system, worker) DO UPDATE
   SET slots = excluded.slots, wants = excluded.wants, expires_at = excluded.expires_at;

-- free_slots --
-- A worker that ends, or has nothing under way, leaves its slots to the others.
DELETE FROM hub.quota_slot WHERE tenant_id = :tenant AND system = :system AND worker = :worker;

-- controls --
-- What every worker heeds before it leases lanes of a connected system: limits, drains, pauses asked for, the day's count.
SELECT s.tenant_id, s.id, s.system, coalesce(d.limits, '{}') AS limits, d.draining_at IS NOT NULL AS is_draining,
       q.day, q.used, CAST(extract(epoch FROM q.next_slot_at - clock_timestamp()) AS float8) AS next_slot_in_s,
       CAST(clock_timestamp() AT TIME ZONE coalesce(d.limits -> 'quota' ->> 'zone', 'UTC') AS date) AS today
  FROM hub.subscription s
  LEFT JOIN hub.system_delivery d ON d.tenant_id = s.tenant_id AND d.system = s.system
  LEFT JOIN hub.quota q ON q.tenant_id = s.tenant_id AND q.system = s.system AND q.next_slot_at > '-infinity'
 WHERE s.kind = 'connector' AND s.state = 'active';

-- set_limits --
INSERT INTO hub.system_delivery (tenant_id, system, limits, set_by, set_at)
VALUES (:tenant, :system, :limits, :actor, clock_timestamp())
ON CONFLICT (tenant_id, system) DO UPDATE
   SET limits = excluded.limits, set_by = excluded.set_by, set_at = excluded.set_at;

-- limits_of --
SELECT limits, draining_at, drained_at, set_by, set_at
  FROM hub.system_delivery
 WHERE tenant_id = :tenant AND system = :system;

-- start_drain --
-- Send what is queued and take no more.
INSERT INTO hub.system_delivery (tenant_id, system, draining_at, set_by)
VALUES (:tenant, :system, clock_timestamp(), :actor)
ON CONFLICT (tenant_id, system) DO UPDATE
   SET draining_at = coalesce(hub.system_delivery.draining_at, excluded.draining_at), set_by = excluded.set_by;

-- end_drain --
UPDATE hub.system_delivery
   SET draining_at = NULL, drained_at = NULL
 WHERE tenant_id = :tenant AND system = :system AND draining_at IS NOT NULL
RETURNING system;

-- note_drained --
-- Systems of any tenant with nothing left to send since they were to be drained; answers them.
UPDATE hub.system_delivery d
   SET drained_at = clock_timestamp()
 WHERE d.draining_at IS NOT NULL AND d.drained_at IS NULL
   AND NOT EXISTS (
       SELECT FROM hub.subscription s
         JOIN hub.lane l ON l.tenant_id = s.tenant_id AND l.subscription_id = s.id AND l.state IN ('due', 'leased')
        WHERE s.tenant_id = d.tenant_id AND s.system = d.system)
RETURNING d.tenant_id, d.system;

-- standing --
-- How a system stands: what holds it, its limits, today's requests, slots that are leased.
SELECT CASE WHEN y.braked_at IS NOT NULL THEN 'braked' WHEN y.paused THEN 'paused' WHEN d.drained_at IS NOT NULL THEN 'drained'
            WHEN d.draining_at IS NOT NULL THEN 'draining' ELSE 'writing' END AS state,
       coalesce(d.limits, '{}') AS limits, coalesce(d.set_by, '') AS set_by, d.set_at,
       CASE WHEN q.day = CAST(clock_timestamp() AT TIME ZONE coalesce(d.limits -> 'quota' ->> 'zone', 'UTC') AS date) THEN q.used ELSE 0 END
           AS requests_today,
       (SELECT CAST(coalesce(sum(s.slots), 0) AS integer) FROM hub.quota_slot s
         WHERE s.tenant_id = y.tenant_id AND s.system = y.name AND s.expires_at > clock_timestamp()) AS slots
  FROM hub.system y
  LEFT JOIN hub.system_delivery d ON d.tenant_id = y.tenant_id AND d.system = y.name
  LEFT JOIN hub.quota q ON q.tenant_id = y.tenant_id AND q.system = y.name
 WHERE y.tenant_id = :tenant AND y.name = :system;
