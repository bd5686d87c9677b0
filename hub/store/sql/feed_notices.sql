-- What subscribers are told before anything else. While a notice stands, none of its subscription's lanes is leased.

-- put --
UPDATE hub.subscription
   SET notice = CAST(:notice AS jsonb) || jsonb_build_object('recorded_at', to_char(statement_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')),
       notice_at = statement_timestamp()
 WHERE tenant_id = :tenant AND id = :subscription AND coalesce(notice ->> 'type', '') <> 'restarted';

-- put_restarted --
-- A restored feed: what was told above its present end is void. Also for who is paused or disabled, when it goes on.
UPDATE hub.subscription s
   SET notice = jsonb_build_object('type', 'restarted', 'former_epoch', CAST(:epoch AS integer) - 1, 'epoch', CAST(:epoch AS integer),
                                   'position', h.position, 'recorded_at', to_char(statement_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')),
       notice_at = statement_timestamp()
  FROM hub.feed_head h
 WHERE s.tenant_id = :tenant AND h.tenant_id = s.tenant_id AND s.kind IN ('webhook', 'broker');

-- claim --
-- Skips what another worker holds.
WITH due AS (
    SELECT s.tenant_id, s.id
      FROM hub.subscription s
     WHERE s.notice IS NOT NULL AND s.state = 'active' AND s.notice_at <= statement_timestamp()
       AND NOT EXISTS (SELECT FROM hub.restore o WHERE o.tenant_id = s.tenant_id AND o.resumed_at IS NULL)
     ORDER BY s.tenant_id, s.id
       FOR NO KEY UPDATE OF s SKIP LOCKED
)
UPDATE hub.subscription s
   SET notice_at = statement_timestamp() + make_interval(secs => :lease_s),
       notice = s.notice || jsonb_build_object('tries', coalesce(CAST(s.notice ->> 'tries' AS integer), 0) + 1)
  FROM due d
  JOIN hub.tenant t ON t.id = d.tenant_id
  JOIN hub.feed_head h ON h.tenant_id = d.tenant_id
 WHERE s.tenant_id = d.tenant_id AND s.id = d.id
RETURNING s.tenant_id, t.slug, h.epoch, s.notice, s.id, s.name, s.kind, s.system, s.url, s.secret, s.filter, s.payload, s.coalesces,
          s.failing_since, s.former_until, s.retry_s, s.pins, s.topic;

-- settle --
UPDATE hub.subscription
   SET notice = NULL, notice_at = NULL
 WHERE tenant_id = :tenant AND id = :subscription AND notice = :notice;

-- put_off --
UPDATE hub.subscription
   SET notice_at = statement_timestamp() + make_interval(secs => :delay_s)
 WHERE tenant_id = :tenant AND id = :subscription AND notice = :notice;
