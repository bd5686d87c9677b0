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
