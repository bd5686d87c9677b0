-- Where each poll of each resource resumes, under a lease per (system, resource).

-- due_polls --
SELECT c.tenant_id, c.system, c.resource
  FROM hub.checkpoint c
  JOIN hub.system s ON s.tenant_id = c.tenant_id AND s.name = c.system
 WHERE c.next_poll_at <= clock_timestamp() - make_interval(secs => :late_s) AND NOT s.paused
   AND (c.lease_until IS NULL OR c.lease_until < clock_timestamp())
 ORDER BY c.next_poll_at
 LIMIT 100;

-- lease_poll --
-- Take a resource to poll; nothing when somebody else has it.
UPDATE hub.checkpoint
   SET token = :token, lease_until = clock_timestamp() + make_interval(secs => :lease_s)
 WHERE tenant_id = :tenant AND system = :system AND resource = :resource
   AND (lease_until IS NULL OR lease_until < clock_timestamp())
RETURNING checkpoint;

-- save_checkpoint --
-- With the page it covers, in one transaction; not when the lease was taken over meanwhile.
UPDATE hub.checkpoint
   SET checkpoint = :checkpoint, lease_until = clock_timestamp() + make_interval(secs => :lease_s), polled_at = clock_timestamp()
 WHERE tenant_id = :tenant AND system = :system AND resource = :resource AND token = :token
RETURNING resource;

-- end_poll --
UPDATE hub.checkpoint
   SET lease_until = NULL, token = NULL, failures = CASE WHEN CAST(:error AS text) IS NULL THEN 0 ELSE failures + 1 END,
       error = :error, next_poll_at = clock_timestamp() + make_interval(secs => :next_s)
 WHERE tenant_id = :tenant AND system = :system AND resource = :resource AND token = :token;

-- poll_soon --
UPDATE hub.checkpoint
   SET next_poll_at = clock_timestamp()
 WHERE tenant_id = :tenant AND system = :system AND resource = ANY (CAST(:resources AS text[]));

-- failures --
SELECT failures FROM hub.checkpoint WHERE tenant_id = :tenant AND system = :system AND resource = :resource;

-- poll_every --
SELECT coalesce((config ->> 'poll_every_s')::float8, 60) AS every_s, brake FROM hub.system WHERE tenant_id = :tenant AND name = :system;

-- known_ids --
-- Records of one object that we hold as present, to find those a complete listing no longer shows.
SELECT DISTINCT external_id FROM hub.source_record
 WHERE tenant_id = :tenant AND system = :system AND object = :object AND state = 'present' AND first_seen_at < :before;
