-- What a restore leaves behind: which moment a tenant's records were brought back to, and whether deliveries may go on.

-- mark --
-- The tenants of this database were restored; whatever was open of an earlier restore goes on in the new one.
INSERT INTO hub.restore (tenant_id, restored_at, restored_to, epoch, way)
VALUES (:tenant, clock_timestamp(), CAST(:restored_to AS timestamptz), :epoch, :way)
RETURNING id;

-- poll_at_once --
-- What connected systems hold is read again from the restored checkpoints, before anything is written to them.
UPDATE hub.checkpoint
   SET next_poll_at = clock_timestamp(), token = NULL, lease_until = NULL
 WHERE tenant_id = :tenant;

-- let_leases_run_out --
-- Whoever held a lease at the restored moment works on another database now, or not at all.
UPDATE hub.lane
   SET lease_until = clock_timestamp()
 WHERE tenant_id = :tenant AND state = 'leased';

-- open --
-- Restores after which deliveries still rest, with the systems that were not read since.
SELECT t.slug, r.tenant_id, min(r.restored_at) AS restored_at, min(r.restored_to) AS restored_to, max(r.epoch) AS epoch,
       (SELECT coalesce(array_agg(DISTINCT c.system || ' ' || c.resource), '{}')
          FROM hub.checkpoint c
         WHERE c.tenant_id = r.tenant_id AND (c.polled_at IS NULL OR c.polled_at < min(r.restored_at) OR c.failures > 0)) AS unread
  FROM hub.restore r
  JOIN hub.tenant t ON t.id = r.tenant_id
 WHERE r.resumed_at IS NULL
 GROUP BY t.slug, r.tenant_id
 ORDER BY t.slug;

-- resume --
-- Let deliveries go on; for :adopt_days targets are asked for a record before one is created there.
UPDATE hub.restore
   SET resumed_at = clock_timestamp(), resumed_by = :actor,
       adopts_until = clock_timestamp() + make_interval(days => CAST(:adopt_days AS integer))
 WHERE tenant_id = :tenant AND resumed_at IS NULL
RETURNING id;

-- is_adopting --
-- Whether records may stand at targets that this database does not know of.
SELECT EXISTS (
       SELECT FROM hub.restore
        WHERE tenant_id = :tenant AND (resumed_at IS NULL OR adopts_until > clock_timestamp()));
