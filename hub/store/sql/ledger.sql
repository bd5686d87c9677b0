-- The ledger of what was written to connected systems, by which its echoes are recognised; each value once, for a while.

-- store --
-- Remember writes.
INSERT INTO hub.ledger (tenant_id, system, object, external_id, entity, hashes, version, expires_at)
SELECT :tenant, g.system, g.object, g.external_id, g.entity, g.hashes, g.version, clock_timestamp() + make_interval(secs => g.echo_s)
  FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS g (
       place integer, system text, object text, external_id text, entity text, hashes jsonb, version text, echo_s float8)
 ORDER BY g.place;

-- of_records --
-- What was written to these records and may still come back, the newest first. The caller holds the source records' locks.
SELECT l.id, l.system, l.object, l.external_id, l.entity, l.hashes
  FROM unnest(CAST(:systems AS text[]), CAST(:objects AS text[]), CAST(:external_ids AS text[])) AS g (system, object, external_id)
  JOIN hub.ledger l ON l.tenant_id = :tenant AND l.system = g.system AND l.object = g.object AND l.external_id = g.external_id
 WHERE l.expires_at > clock_timestamp()
 ORDER BY l.id DESC;

-- consume --
-- These values were seen; an entry without any left goes.
WITH done AS (
    SELECT g.id, array_agg(g.field) AS fields
      FROM unnest(CAST(:ids AS bigint[]), CAST(:fields AS text[])) AS g (id, field)
     GROUP BY g.id
), emptied AS (
    DELETE FROM hub.ledger l
     USING done d
     WHERE l.tenant_id = :tenant AND l.id = d.id AND l.hashes - d.fields = '{}'
    RETURNING l.id
)
UPDATE hub.ledger l
   SET hashes = l.hashes - d.fields
  FROM done d
 WHERE l.tenant_id = :tenant AND l.id = d.id AND l.hashes - d.fields <> '{}';

-- forget --
-- Drop what can come back no more, some at a time.
DELETE FROM hub.ledger
 WHERE (tenant_id, id) IN (
       SELECT l.tenant_id, l.id
         FROM hub.tenant t
        CROSS JOIN LATERAL (
              SELECT tenant_id, id FROM hub.ledger
               WHERE tenant_id = t.id AND expires_at < clock_timestamp()
               ORDER BY expires_at
               LIMIT CAST(:most AS integer)) l);

-- count_rewritten --
-- Near misses, counted per field; a count nobody added to for a day begins anew. Answers the counts.
INSERT INTO hub.rewritten AS r (tenant_id, system, entity, field, count, last_external_id)
SELECT :tenant, g.system, g.entity, g.field, g.count, g.external_id
  FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS g (system text, entity text, field text, count integer, external_id text)
 ORDER BY g.system, g.entity, g.field
ON CONFLICT (tenant_id, system, entity, field) DO UPDATE
   SET count = CASE WHEN r.last_at > clock_timestamp() - interval '1 day' THEN r.count ELSE 0 END + excluded.count,
       since = CASE WHEN r.last_at > clock_timestamp() - interval '1 day' THEN r.since ELSE clock_timestamp() END,
       last_at = clock_timestamp(), last_external_id = excluded.last_external_id
RETURNING system, entity, field, count, last_external_id;

-- limits --
SELECT system, limits -> 'ledger' AS ledger
  FROM hub.system_delivery
 WHERE tenant_id = :tenant AND system = ANY (CAST(:systems AS text[])) AND limits ? 'ledger';
