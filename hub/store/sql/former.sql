-- Former values: by what records could be found before they changed.

-- keep --
-- Remember values that were left; the later instant stands.
INSERT INTO hub.former_value AS f (tenant_id, entity, field, value, golden_id, until)
SELECT :tenant, g.entity, g.field, lower(g.value), g.golden_id, max(g.until)
  FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS g (entity text, field text, value text, golden_id uuid, until timestamptz)
 GROUP BY 2, 3, 4, 5
 ORDER BY 2, 3, 4, 5
    ON CONFLICT (tenant_id, entity, field, value, golden_id) DO UPDATE
   SET until = greatest(f.until, excluded.until);

-- unfilled --
SELECT tenant_id
  FROM hub.feed_head
 WHERE former_filled_at IS NULL
 ORDER BY tenant_id;

-- is_filled --
-- A tenant without a feed head has no changes yet.
SELECT coalesce((SELECT former_filled_at IS NOT NULL FROM hub.feed_head WHERE tenant_id = :tenant), true);

-- filled --
UPDATE hub.feed_head
   SET former_filled_at = clock_timestamp()
 WHERE tenant_id = :tenant AND former_filled_at IS NULL;

-- running --
-- This instant, and when the oldest transaction of flows began that runs and writes. The instant is the statement's
-- start: whoever begins to write later states a later one. Other roles' transactions are not shown, and make no versions.
SELECT statement_timestamp() AS now,
       (SELECT min(xact_start)
          FROM pg_stat_activity
         WHERE backend_xid IS NOT NULL AND pid <> pg_backend_pid() AND datname = current_database()) AS oldest;
