-- The one mechanism by which work is claimed: a row per batch with its items, lease, token and attempts.

-- take_turn --
-- Claimers of one queue of one tenant take turns for the moment of claiming. Nobody waits for a claim to be on disk: one
-- that a crash of the server forgets has settled nothing, its work is still open and its token is good for nothing.
SELECT pg_advisory_xact_lock(hashtextextended('claim ' || CAST(:queue AS text), CAST(:tenant AS integer))),
       set_config('synchronous_commit', 'off', true);

-- take_over --
-- A batch whose lease ran out: its worker died or froze. The new token fences the old worker off.
UPDATE hub.claim c
   SET token = :token, worker = :worker, attempts = c.attempts + 1,
       lease_until = clock_timestamp() + make_interval(secs => :lease_s)
 WHERE (c.tenant_id, c.queue, c.id) = (
        SELECT tenant_id, queue, id
          FROM hub.claim
         WHERE tenant_id = :tenant AND queue = :queue AND lease_until < clock_timestamp()
         ORDER BY lease_until
         LIMIT 1
           FOR UPDATE SKIP LOCKED)
RETURNING c.id, c.items, c.attempts;

-- check_token --
-- The batch is still ours: nobody took it over. Locks the claim to the end of the transaction.
SELECT id
  FROM hub.claim
 WHERE tenant_id = :tenant AND queue = :queue AND id = :claim AND token = :token
   FOR UPDATE;

-- release --
DELETE FROM hub.claim
 WHERE tenant_id = :tenant AND queue = :queue AND id = :claim AND token = :token;

-- halve --
-- A batch that failed becomes two, each claimed afresh by whoever comes next (an expired lease).
WITH gone AS (
    DELETE FROM hub.claim
     WHERE tenant_id = :tenant AND queue = :queue AND id = :claim AND token = :token
    RETURNING items, worker
)
INSERT INTO hub.claim (tenant_id, queue, items, token, worker, attempts, lease_until)
SELECT :tenant, :queue, part, gen_random_uuid(), worker, 0, clock_timestamp() - interval '1 second'
  FROM gone, LATERAL (VALUES (items[: cardinality(items) / 2]), (items[cardinality(items) / 2 + 1 :])) AS v (part)
 WHERE cardinality(part) > 0;
