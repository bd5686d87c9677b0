-- Breakers: which operations of which systems are left alone at the moment. A row is there from its first failure on.

-- not_closed --
-- Breakers of all tenants that hold something back; a cheap look without locks.
SELECT tenant_id, system, operation, state, window_at, successes, failures, trips, failing_since, retry_at, error
  FROM hub.breaker
 WHERE state <> 'closed';

-- lock --
-- These breakers, locked in their order; those nobody has heard of are made.
WITH asked AS (
    SELECT system, operation
      FROM unnest(CAST(:systems AS text[]), CAST(:operations AS text[])) AS g (system, operation)
), made AS (
    INSERT INTO hub.breaker (tenant_id, system, operation)
    SELECT :tenant, system, operation FROM asked ORDER BY system, operation
    ON CONFLICT DO NOTHING
    RETURNING tenant_id, system, operation, state, window_at, successes, failures, trips, failing_since, retry_at, error
), known AS (
    SELECT b.tenant_id, b.system, b.operation, b.state, b.window_at, b.successes, b.failures, b.trips, b.failing_since, b.retry_at, b.error
      FROM hub.breaker b
      JOIN asked a ON a.system = b.system AND a.operation = b.operation
     WHERE b.tenant_id = :tenant
     ORDER BY b.system, b.operation
       FOR UPDATE OF b
)
SELECT * FROM made UNION ALL SELECT * FROM known;

-- put --
UPDATE hub.breaker b
   SET state = g.state, window_at = g.window_at, successes = g.successes, failures = g.failures, trips = g.trips,
       failing_since = g.failing_since, retry_at = g.retry_at, error = g.error, updated_at = clock_timestamp()
  FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS g (
       system text, operation text, state text, window_at timestamptz, successes integer, failures integer, trips integer,
       failing_since timestamptz, retry_at timestamptz, error text)
 WHERE b.tenant_id = :tenant AND b.system = g.system AND b.operation = g.operation;

-- take_probe --
-- Whoever gets a row back may try once; the others wait until it is decided or :patience_s are over.
UPDATE hub.breaker
   SET state = 'half_open', successes = CASE state WHEN 'half_open' THEN successes ELSE 0 END,
       failures = CASE state WHEN 'half_open' THEN failures ELSE 0 END,
       retry_at = clock_timestamp() + make_interval(secs => CAST(:patience_s AS float8)), updated_at = clock_timestamp()
 WHERE tenant_id = :tenant AND system = :system AND operation = ANY (CAST(:operations AS text[]))
   AND state <> 'closed' AND retry_at <= clock_timestamp()
RETURNING operation;

-- close --
-- A person says that a system works again: its breakers are closed and count anew.
UPDATE hub.breaker
   SET state = 'closed', successes = 0, failures = 0, trips = 0, failing_since = NULL, retry_at = NULL, window_at = clock_timestamp(),
       updated_at = clock_timestamp()
 WHERE tenant_id = :tenant AND system = :system AND (state <> 'closed' OR failures > 0)
RETURNING operation;

-- of_system --
SELECT operation, state, window_at, successes, failures, trips, failing_since, retry_at, error
  FROM hub.breaker
 WHERE tenant_id = :tenant AND system = :system;
