-- Messages as received, the queue of those nobody has settled, and what became of them.

-- store_messages --
-- Keep messages verbatim, all or none. A key the sender has used before stores nothing and is not returned. With :rings
-- ingest is woken at the commit, once however many they are; so the statement can be a transaction of its own.
WITH given AS (
    SELECT *
      FROM unnest(CAST(:systems AS text[]), CAST(:objects AS text[]), CAST(:external_ids AS text[]),
                  CAST(:keys AS text[]), CAST(:bodies AS bytea[]), CAST(:deletes AS boolean[]),
                  CAST(:versions AS text[]), CAST(:correlation_ids AS text[]), CAST(:hashes AS bigint[]),
                  CAST(:channels AS text[]), CAST(:actors AS text[]), CAST(:backfills AS boolean[]),
                  CAST(:traceparents AS text[]))
           WITH ORDINALITY
           AS g (system, object, external_id, key, body, is_delete, version, correlation_id, source_hash, channel, actor,
                 is_backfill, traceparent, place)
), stored AS (
    INSERT INTO hub.inbox (tenant_id, system, object, external_id, idempotency_key, body, is_delete, version,
                           channel, actor, correlation_id, is_backfill, received_at, traceparent)
    SELECT :tenant, system, object, external_id, key, body, is_delete, version,
           channel, actor, correlation_id, is_backfill, :received_at, traceparent
      FROM given
     ORDER BY place
    ON CONFLICT (tenant_id, system, idempotency_key) DO NOTHING
    RETURNING id, system, idempotency_key, object, external_id
), opened AS (
    INSERT INTO hub.inbox_open (tenant_id, inbox_id, source_hash)
    SELECT :tenant, s.id, g.source_hash
      FROM stored s
      JOIN given g ON g.system = s.system AND g.key = s.idempotency_key
), rung AS MATERIALIZED (
    SELECT pg_notify('hub_inbox', CAST(CAST(:tenant AS integer) AS text))
      FROM (SELECT FROM stored LIMIT 1) AS something
     WHERE :rings
)
SELECT s.id, s.system, s.idempotency_key
  FROM stored s
 CROSS JOIN (SELECT count(*) FROM rung) AS r;

-- messages_by_key --
-- What an earlier message said under keys that were sent again: one key never accepts two bodies.
SELECT i.id, i.system, i.idempotency_key, i.body, i.object, i.external_id, i.is_delete
  FROM unnest(CAST(:systems AS text[]), CAST(:keys AS text[])) AS g (system, key)
  JOIN hub.inbox i ON i.tenant_id = :tenant AND i.system = g.system AND i.idempotency_key = g.key;

-- claim_messages --
-- Take up to :limit open messages, oldest first, at most one per source record (the next one waits for it), none that
-- another claim holds. The claim is one row; the advisory lock makes claimers take turns.
WITH held AS MATERIALIZED (
    SELECT unnest(items) AS inbox_id
      FROM hub.claim
     WHERE tenant_id = :tenant AND queue = 'inbox'
), seen AS (
    SELECT o.inbox_id, o.source_hash, o.due_at
      FROM hub.inbox_open o
     WHERE o.tenant_id = :tenant
     ORDER BY o.inbox_id
     LIMIT 4 * CAST(:limit AS integer) + (SELECT count(*) FROM held)
), oldest AS (
    SELECT DISTINCT ON (source_hash) inbox_id, due_at
      FROM seen
     ORDER BY source_hash, inbox_id
), picked AS (
    SELECT o.inbox_id
      FROM oldest o
     WHERE o.due_at <= clock_timestamp() AND NOT EXISTS (SELECT FROM held h WHERE h.inbox_id = o.inbox_id)
     ORDER BY o.inbox_id
     LIMIT CAST(:limit AS integer)
)
INSERT INTO hub.claim (tenant_id, queue, items, token, worker, lease_until)
SELECT :tenant, 'inbox', array_agg(inbox_id ORDER BY inbox_id), :token, :worker,
       clock_timestamp() + make_interval(secs => :lease_s)
  FROM picked
HAVING count(*) > 0
RETURNING id, items, attempts;

-- open_messages --
-- The messages of a claim that are still open, oldest first; columns in the order of hub.core.records.Message.
SELECT i.id, i.system, i.object, i.external_id, i.body, i.is_delete, i.version, i.received_at, i.correlation_id,
       i.channel, i.actor, i.is_backfill, '' AS mapping_version, o.reprocess
  FROM hub.inbox_open o
  JOIN hub.inbox i ON i.tenant_id = o.tenant_id AND i.id = o.inbox_id
 WHERE o.tenant_id = :tenant AND o.inbox_id = ANY (CAST(:ids AS bigint[]))
 ORDER BY i.id;

-- settle_messages --
-- These messages have their outcome; those that did more or less than change a golden record say so by a row.
DELETE FROM hub.inbox_open
 WHERE tenant_id = :tenant AND inbox_id = ANY (CAST(:ids AS bigint[]));

-- defer_messages --
-- Look at these again later; whoever waits behind them on the same source record waits too.
UPDATE hub.inbox_open
   SET due_at = clock_timestamp() + make_interval(secs => :delay_s)
 WHERE tenant_id = :tenant AND inbox_id = ANY (CAST(:ids AS bigint[]));

-- store_outcomes --
INSERT INTO hub.inbox_outcome (tenant_id, inbox_id, outcome, task_id, detail)
SELECT :tenant, g.inbox_id, g.outcome, g.task_id, g.detail
  FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS g (inbox_id bigint, outcome text, task_id bigint, detail jsonb)
ON CONFLICT (tenant_id, inbox_id) DO UPDATE
   SET outcome = excluded.outcome, task_id = excluded.task_id, detail = excluded.detail, settled_at = clock_timestamp();

-- forget_waiting --
-- What these messages waited for has come: they were applied after all.
DELETE FROM hub.inbox_outcome
 WHERE tenant_id = :tenant AND inbox_id = ANY (CAST(:ids AS bigint[])) AND outcome = 'waiting';

-- reopen_messages --
-- Take messages up again, under the newest mapping; answers how many.
WITH gone AS (
    DELETE FROM hub.inbox_outcome
     WHERE tenant_id = :tenant AND inbox_id = ANY (CAST(:ids AS bigint[]))
)
INSERT INTO hub.inbox_open (tenant_id, inbox_id, source_hash, reprocess)
SELECT i.tenant_id, i.id, h.source_hash, 1
  FROM unnest(CAST(:ids AS bigint[]), CAST(:hashes AS bigint[])) AS h (id, source_hash)
  JOIN hub.inbox i ON i.tenant_id = :tenant AND i.id = h.id
ON CONFLICT (tenant_id, inbox_id) DO NOTHING
RETURNING inbox_id;

-- messages_of_task --
-- The messages a task holds up, by its id: solving it takes them up again.
SELECT i.id, i.system, i.object, i.external_id
  FROM hub.inbox_outcome o
  JOIN hub.inbox i ON i.tenant_id = o.tenant_id AND i.id = o.inbox_id
 WHERE o.tenant_id = :tenant AND o.task_id = ANY (CAST(:task_ids AS bigint[]))
 ORDER BY i.id;

-- oldest_open --
-- How long the oldest open message has waited, in seconds, and how many there are.
SELECT count(*) AS open, coalesce(max(extract(epoch FROM clock_timestamp() - i.received_at)), 0)::float8 AS oldest_s
  FROM hub.inbox_open o
  JOIN hub.inbox i ON i.tenant_id = o.tenant_id AND i.id = o.inbox_id
 WHERE o.tenant_id = :tenant;
