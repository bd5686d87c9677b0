-- Attempts: every try of a delivery, with what was asked and answered. An intent is stored before the call it announces.

-- store --
-- New attempts in the order given; their ids rise in that order.
INSERT INTO hub.attempt (tenant_id, subscription_id, golden_id, external_key, version, operation, intent_key, state, request,
                         response, error, worker, correlation_id, started_at, finished_at)
SELECT :tenant, g.subscription_id, g.golden_id, g.external_key, g.version, g.operation, g.intent_key, g.state, g.request,
       g.response, g.error, g.worker, g.correlation_id, g.started_at, g.finished_at
  FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS g (
       place integer, subscription_id uuid, golden_id uuid, external_key text, version integer, operation text,
       intent_key text, state text, request jsonb, response jsonb, error jsonb, worker text, correlation_id text,
       started_at timestamptz, finished_at timestamptz)
 ORDER BY g.place
RETURNING id;

-- store_intents --
-- Intents of lanes that are still leased under the caller's token, in the order given; a lane somebody else has taken over
-- gets none, so its former holder does not call (a worker that was frozen wakes up here).
INSERT INTO hub.attempt (tenant_id, subscription_id, golden_id, external_key, version, operation, intent_key, state, request,
                         worker, correlation_id, started_at)
SELECT :tenant, g.subscription_id, g.golden_id, g.external_key, g.version, g.operation, g.intent_key, 'intent', g.request,
       g.worker, g.correlation_id, g.started_at
  FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS g (
       place integer, subscription_id uuid, golden_id uuid, external_key text, version integer, operation text, intent_key text,
       request jsonb, worker text, correlation_id text, started_at timestamptz, token uuid)
  JOIN hub.lane l ON l.tenant_id = :tenant AND l.subscription_id = g.subscription_id AND l.golden_id = g.golden_id
                 AND l.external_key = g.external_key AND l.state = 'leased' AND l.token = g.token
 ORDER BY g.place
RETURNING id, subscription_id, golden_id, external_key;

-- look_again --
-- Creates that were made again after a try nobody knows the end of: the target is asked once more after :settle_s.
INSERT INTO hub.second_look (tenant_id, attempt_id, due_at)
SELECT :tenant, g.id, clock_timestamp() + make_interval(secs => g.settle_s)
  FROM unnest(CAST(:ids AS bigint[]), CAST(:settle_s AS float8[])) AS g (id, settle_s)
ON CONFLICT DO NOTHING;

-- take_looks --
-- Second looks that are due, of all tenants; whoever takes one has a minute for it.
WITH due AS (
    SELECT s.tenant_id, s.attempt_id
      FROM hub.tenant t
      JOIN hub.second_look s ON s.tenant_id = t.id AND s.due_at <= clock_timestamp()
     LIMIT CAST(:most AS integer)
       FOR UPDATE OF s SKIP LOCKED
), taken AS (
    UPDATE hub.second_look s
       SET due_at = clock_timestamp() + interval '1 minute', looks = s.looks + 1
      FROM due d
     WHERE s.tenant_id = d.tenant_id AND s.attempt_id = d.attempt_id
    RETURNING s.tenant_id, s.attempt_id, s.looks
)
SELECT k.tenant_id, k.attempt_id, k.looks, s.system, l.entity, a.golden_id, a.version, a.intent_key, a.operation, a.request, a.response,
       a.correlation_id
  FROM taken k
  JOIN hub.attempt a ON a.tenant_id = k.tenant_id AND a.id = k.attempt_id
  JOIN hub.subscription s ON s.tenant_id = a.tenant_id AND s.id = a.subscription_id
  JOIN hub.lane l ON l.tenant_id = a.tenant_id AND l.subscription_id = a.subscription_id AND l.golden_id = a.golden_id
                 AND l.external_key = a.external_key;

-- end_looks --
DELETE FROM hub.second_look WHERE tenant_id = :tenant AND attempt_id = ANY (CAST(:ids AS bigint[]));

-- finish --
-- What became of attempts that were stored as intents.
UPDATE hub.attempt a
   SET state = g.state, response = g.response, error = g.error, finished_at = clock_timestamp()
  FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS g (id bigint, state text, response jsonb, error jsonb)
 WHERE a.tenant_id = :tenant AND a.id = g.id;

-- close_intents --
-- Earlier tries of intents that are decided now are no longer open.
UPDATE hub.attempt a
   SET state = CASE a.state WHEN 'intent' THEN 'abandoned' ELSE 'resolved' END,
       finished_at = coalesce(a.finished_at, clock_timestamp())
  FROM unnest(CAST(:subscriptions AS uuid[]), CAST(:intent_keys AS text[])) AS g (subscription_id, intent_key)
 WHERE a.tenant_id = :tenant AND a.subscription_id = g.subscription_id AND a.intent_key = g.intent_key
   AND a.state IN ('intent', 'unknown');

-- open_of_lanes --
-- Tries of these lanes whose outcome nobody knows, newest first: a worker died, or the answer was lost.
SELECT DISTINCT ON (a.subscription_id, a.golden_id, a.external_key)
       a.id, a.subscription_id, a.golden_id, a.external_key, a.version, a.operation, a.intent_key, a.state, a.request,
       a.started_at, extract(epoch FROM clock_timestamp() - a.started_at)::float8 AS age_s
  FROM unnest(CAST(:subscriptions AS uuid[]), CAST(:golden_ids AS uuid[])) AS g (subscription_id, golden_id)
  JOIN hub.attempt a ON a.tenant_id = :tenant AND a.subscription_id = g.subscription_id AND a.golden_id = g.golden_id
                    AND a.state IN ('intent', 'unknown')
 ORDER BY a.subscription_id, a.golden_id, a.external_key, a.id DESC;

-- of_lane --
SELECT id, version, operation, intent_key, state, request, response, error, worker, correlation_id, started_at, finished_at
  FROM hub.attempt
 WHERE tenant_id = :tenant AND subscription_id = :subscription AND golden_id = :golden_id
 ORDER BY id DESC
 LIMIT :first;
