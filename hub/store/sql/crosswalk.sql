-- The crosswalk as deliveries see and extend it: which record of a target is which golden record.

-- external_ids --
-- How a system names these golden records; the primary record first.
SELECT golden_id, entity, object, external_id
  FROM hub.source_record
 WHERE tenant_id = :tenant AND golden_id = ANY (CAST(:golden_ids AS uuid[])) AND system = :system AND state = 'present'
   AND part = ''
 ORDER BY golden_id, role = 'primary' DESC, id;

-- store_created --
-- What the hub created at a target is a contribution whose every value is our own; so none has a "since", and whatever a
-- source says is newer. A row may be there already: somebody referred to it, or the target told of it before it answered.
-- What was created for a record that was merged away meanwhile remembers it as its home: it goes back with it.
INSERT INTO hub.source_record AS s (tenant_id, system, object, external_id, entity, state, golden_id, home_id, "values", written,
                                    version)
SELECT :tenant, g.system, g.object, g.external_id, g.entity, 'present', hub.survivor(:tenant, g.golden_id),
       nullif(g.golden_id, hub.survivor(:tenant, g.golden_id)), g.fields, g.fields, g.version
  FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS g (
       system text, object text, external_id text, entity text, golden_id uuid, fields jsonb, version text)
 ORDER BY g.system, g.object, g.external_id, g.entity
ON CONFLICT (tenant_id, system, object, external_id, entity, part) DO UPDATE
   SET state = CASE s.state WHEN 'awaited' THEN 'present' ELSE s.state END,
       golden_id = coalesce(s.golden_id, excluded.golden_id),
       home_id = CASE WHEN s.golden_id IS NULL THEN excluded.home_id ELSE s.home_id END,
       "values" = CASE s.state WHEN 'awaited' THEN excluded."values" ELSE s."values" END,
       version = CASE s.state WHEN 'awaited' THEN excluded.version ELSE s.version END,
       written = coalesce(s.written, '{}') || excluded.written,
       updated_at = now()
RETURNING s.system, s.object, s.external_id, s.entity, s.golden_id;

-- follow_merges --
-- Put what was just created where its home leads now: a merge, or its undo, may have been under way when it was stored.
UPDATE hub.source_record s
   SET golden_id = hub.survivor(:tenant, coalesce(s.home_id, s.golden_id)),
       home_id = nullif(coalesce(s.home_id, s.golden_id), hub.survivor(:tenant, coalesce(s.home_id, s.golden_id))),
       updated_at = now()
  FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS g (system text, object text, external_id text, entity text)
 WHERE s.tenant_id = :tenant AND s.system = g.system AND s.object = g.object AND s.external_id = g.external_id
   AND s.entity = g.entity AND s.part = '' AND s.golden_id <> hub.survivor(:tenant, coalesce(s.home_id, s.golden_id))
RETURNING s.system, s.object, s.external_id, s.entity, s.golden_id;

-- survivors --
-- What stands for these golden ids now, where merges took them away while a create of ours was under way.
SELECT f.loser_id, hub.survivor(:tenant, f.loser_id) AS survivor_id
  FROM hub.forward f
 WHERE f.tenant_id = :tenant AND f.loser_id = ANY (CAST(:ids AS uuid[]));

-- store_written --
-- What the hub wrote into a target's record. The target's own word stays until it says ours; where it only showed an
-- earlier value of ours, or nothing, it shows this one now: the old one would else pass for its own word. Where its own word
-- turns out to be ours (it was told before the write was stored) it makes no offer any more: its golden record is due.
WITH before AS MATERIALIZED (
    SELECT s.id, s."values", coalesce(s.written, '{}') AS written, g.fields, g.version
      FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS g (
           system text, object text, external_id text, entity text, fields jsonb, version text)
      JOIN hub.source_record s ON s.tenant_id = :tenant AND s.system = g.system AND s.object = g.object
       AND s.external_id = g.external_id AND s.entity = g.entity AND s.part = ''
     ORDER BY s.system, s.object, s.external_id, s.entity
       FOR NO KEY UPDATE OF s
), stored AS (
    UPDATE hub.source_record s
       SET written = b.written || b.fields,
           "values" = b."values" || (SELECT coalesce(jsonb_object_agg(f.key, f.value), '{}')
                                       FROM jsonb_each(b.fields) AS f
                                      WHERE b."values" -> f.key IS NOT DISTINCT FROM b.written -> f.key),
           version = coalesce(nullif(b.version, ''), s.version),
           updated_at = now()
      FROM before b
     WHERE s.tenant_id = :tenant AND s.id = b.id
    RETURNING s.entity, s.golden_id, b."values", b.written, b.fields
)
INSERT INTO hub.reconsider (tenant_id, entity, golden_id, due_at, cause)
SELECT DISTINCT :tenant, entity, golden_id, statement_timestamp(), 'reference'
  FROM stored
 WHERE golden_id IS NOT NULL
   AND EXISTS (SELECT FROM jsonb_each(fields) AS f
                WHERE "values" -> f.key = f.value AND "values" -> f.key IS DISTINCT FROM written -> f.key)
 ORDER BY golden_id
ON CONFLICT (tenant_id, golden_id, cause) DO UPDATE SET due_at = excluded.due_at;

-- count_held --
-- How many records a system holds, counted up to a bound.
SELECT count(*)
  FROM (SELECT FROM hub.source_record
         WHERE tenant_id = :tenant AND system = :system AND state = 'present'
         LIMIT CAST(:bound AS integer)) s;
