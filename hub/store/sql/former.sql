-- Former values: by what records could be found before they changed.

-- keep --
-- Remember values that were left. A value counts since the field was last left before, or for ever.
INSERT INTO hub.former_value (tenant_id, entity, field, value, became, golden_id, since, until)
SELECT :tenant, g.entity, g.field, lower(g.value), lower(g.became), g.golden_id,
       coalesce(lag(g.until) OVER (PARTITION BY g.golden_id, g.field ORDER BY g.until),
                (SELECT max(b.until)
                   FROM hub.former_value b
                  WHERE b.tenant_id = :tenant AND b.golden_id = g.golden_id AND b.field = g.field AND b.until < g.until),
                '-infinity'),
       g.until
  FROM jsonb_to_recordset(CAST(:rows AS jsonb))
       AS g (entity text, field text, value text, became text, golden_id uuid, until timestamptz)
 ORDER BY g.golden_id, g.field, g.until
    ON CONFLICT (tenant_id, golden_id, field, until) DO NOTHING;

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
