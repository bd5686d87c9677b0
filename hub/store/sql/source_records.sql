-- Contributions: the latest state of each record of each system, with the crosswalk to golden records.

-- lock_by_key --
-- The contributions under these keys, locked in key order until the transaction ends.
SELECT s.id, s.system, s.object, s.external_id, s.entity, s.part, s.state, s.golden_id, s.role, s."values", s.held, s.raw,
       s.stated, s.since, s.written, s.links, s.version, s.message_id, s.mapping_version
  FROM unnest(CAST(:systems AS text[]), CAST(:objects AS text[]), CAST(:external_ids AS text[]),
              CAST(:entities AS text[]), CAST(:parts AS text[])) AS k (system, object, external_id, entity, part)
  JOIN hub.source_record s
    ON s.tenant_id = :tenant AND s.system = k.system AND s.object = k.object AND s.external_id = k.external_id
   AND s.entity = k.entity AND s.part = k.part
 ORDER BY s.system, s.object, s.external_id, s.entity, s.part
   FOR UPDATE OF s;

-- parts_of --
-- All contributions of these vendor records, whatever entity and part: a delete ends them all.
SELECT s.system, s.object, s.external_id, s.entity, s.part
  FROM unnest(CAST(:systems AS text[]), CAST(:objects AS text[]), CAST(:external_ids AS text[]))
       AS k (system, object, external_id)
  JOIN hub.source_record s
    ON s.tenant_id = :tenant AND s.system = k.system AND s.object = k.object AND s.external_id = k.external_id
 WHERE s.state <> 'awaited';

-- resolve_keys --
-- Which golden record each of these keys belongs to; no lock.
SELECT s.id, s.system, s.object, s.external_id, s.entity, s.part, s.golden_id, s.role, s.state
  FROM unnest(CAST(:systems AS text[]), CAST(:objects AS text[]), CAST(:external_ids AS text[]),
              CAST(:entities AS text[]), CAST(:parts AS text[])) AS k (system, object, external_id, entity, part)
  JOIN hub.source_record s
    ON s.tenant_id = :tenant AND s.system = k.system AND s.object = k.object AND s.external_id = k.external_id
   AND s.entity = k.entity AND s.part = k.part;

-- of_golden --
-- Every contribution to these golden records but the ones already at hand.
SELECT s.id, s.system, s.object, s.external_id, s.entity, s.part, s.state, s.golden_id, s.role, s."values", s.held, s.raw,
       s.stated, s.since, s.written, s.links, s.version, s.message_id, s.mapping_version
  FROM hub.source_record s
 WHERE s.tenant_id = :tenant AND s.golden_id = ANY (CAST(:golden_ids AS uuid[]))
   AND s.id <> ALL (CAST(:known AS bigint[])) AND s.state <> 'awaited';

-- by_ids --
SELECT s.id, s.system, s.object, s.external_id, s.entity, s.part, s.state, s.golden_id, s.role, s."values", s.held, s.raw,
       s.stated, s.since, s.written, s.links, s.version, s.message_id, s.mapping_version
  FROM hub.source_record s
 WHERE s.tenant_id = :tenant AND s.id = ANY (CAST(:ids AS bigint[]))
 ORDER BY s.id;

-- insert_new --
-- New contributions and awaited parents, in key order. A key that exists meanwhile is not returned: the batch is
-- tried again and then finds it.
INSERT INTO hub.source_record (tenant_id, system, object, external_id, entity, part, state, golden_id, role, "values", held,
                               raw, stated, since, written, links, version, message_id, mapping_version)
SELECT :tenant, g.system, g.object, g.external_id, g.entity, g.part, g.state, g.golden_id, g.role, g."values", g.held,
       g.raw, g.stated, g.since, g.written, g.links, g.version, g.message_id, g.mapping_version
  FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS g (
       system text, object text, external_id text, entity text, part text, state text, golden_id uuid, role text,
       "values" jsonb, held jsonb, raw jsonb, stated jsonb, since jsonb, written jsonb, links jsonb, version text,
       message_id bigint, mapping_version text)
ON CONFLICT (tenant_id, system, object, external_id, entity, part) DO NOTHING
RETURNING id, system, object, external_id, entity, part;

-- update --
UPDATE hub.source_record s
   SET state = g.state, golden_id = g.golden_id, home_id = CASE WHEN g.golden_id = s.golden_id THEN s.home_id END,
       role = g.role, "values" = g."values", held = g.held, raw = g.raw,
       stated = g.stated, since = g.since, written = g.written, links = g.links, version = g.version,
       message_id = g.message_id, mapping_version = g.mapping_version, updated_at = now()
  FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS g (
       id bigint, state text, golden_id uuid, role text, "values" jsonb, held jsonb, raw jsonb, stated jsonb, since jsonb,
       written jsonb, links jsonb, version text, message_id bigint, mapping_version text)
 WHERE s.tenant_id = :tenant AND s.id = g.id;

-- restate --
-- What these contributions say now; where they belong and all that is rarely there stays as it is.
UPDATE hub.source_record s
   SET "values" = g."values", stated = g.stated, since = g.since, version = g.version, message_id = g.message_id,
       mapping_version = g.mapping_version, updated_at = now()
  FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS g (
       id bigint, "values" jsonb, stated jsonb, since jsonb, version text, message_id bigint, mapping_version text)
 WHERE s.tenant_id = :tenant AND s.id = g.id;

-- point_aliases --
-- A name within a system belongs to the golden record of the one record that bears it; of two records, to none.
INSERT INTO hub.source_record AS a (tenant_id, system, object, external_id, entity, state, golden_id)
SELECT :tenant, g.system, g.object, g.external_id, g.entity, 'awaited', g.golden_id
  FROM unnest(CAST(:systems AS text[]), CAST(:objects AS text[]), CAST(:external_ids AS text[]),
              CAST(:entities AS text[]), CAST(:golden_ids AS uuid[])) AS g (system, object, external_id, entity, golden_id)
ON CONFLICT (tenant_id, system, object, external_id, entity, part) DO UPDATE
   SET golden_id = CASE WHEN a.role = 'ambiguous' THEN NULL
                        WHEN a.golden_id IS NULL OR a.golden_id = excluded.golden_id THEN excluded.golden_id END,
       role = CASE WHEN a.golden_id <> excluded.golden_id THEN 'ambiguous' ELSE a.role END
 WHERE a.golden_id IS DISTINCT FROM excluded.golden_id AND a.role <> 'ambiguous'
RETURNING a.entity, a.golden_id, old.golden_id AS former_id;

-- share --
-- Awaited rows, held against change in key order: whoever is changing one commits first, and then we see it.
SELECT id, entity, golden_id
  FROM hub.source_record
 WHERE tenant_id = :tenant AND id = ANY (CAST(:ids AS bigint[]))
 ORDER BY system, object, external_id, entity, part
   FOR SHARE;

-- release_ready --
-- Whoever still waits for a record that is born after all: nothing that was missed may wait for ever.
WITH released AS (
    DELETE FROM hub.awaiting a
     USING hub.source_record s
     WHERE a.tenant_id = :tenant AND s.tenant_id = a.tenant_id AND s.id = a.source_id AND s.golden_id <> a.golden_id
       AND EXISTS (SELECT FROM hub.change c WHERE c.tenant_id = s.tenant_id AND c.golden_id = s.golden_id)
    RETURNING a.entity, a.golden_id
)
INSERT INTO hub.reconsider (tenant_id, entity, golden_id, due_at, cause)
SELECT DISTINCT :tenant, entity, golden_id, statement_timestamp(), 'reference'
  FROM released
 ORDER BY golden_id
ON CONFLICT (tenant_id, golden_id, cause) DO UPDATE SET due_at = excluded.due_at;

-- add_awaiting --
INSERT INTO hub.awaiting (tenant_id, source_id, golden_id, entity, field, is_required)
SELECT :tenant, g.source_id, g.golden_id, g.entity, g.field, g.is_required
  FROM unnest(CAST(:source_ids AS bigint[]), CAST(:golden_ids AS uuid[]), CAST(:entities AS text[]),
              CAST(:fields AS text[]), CAST(:required AS boolean[])) AS g (source_id, golden_id, entity, field, is_required)
ON CONFLICT DO NOTHING;

-- drop_awaiting --
-- What these golden records still wait for is said afresh at every computation.
DELETE FROM hub.awaiting
 WHERE tenant_id = :tenant AND golden_id = ANY (CAST(:golden_ids AS uuid[]));

-- release_awaiting --
-- Golden records that waited for a record of one of these, now born, are computed again at once.
WITH released AS (
    DELETE FROM hub.awaiting a
     USING hub.source_record s
     WHERE s.tenant_id = :tenant AND s.golden_id = ANY (CAST(:golden_ids AS uuid[]))
       AND a.tenant_id = s.tenant_id AND a.source_id = s.id
    RETURNING a.entity, a.golden_id
)
INSERT INTO hub.reconsider (tenant_id, entity, golden_id, due_at, cause, correlation_id)
SELECT DISTINCT :tenant, entity, golden_id, statement_timestamp(), 'reference', CAST(:correlation_id AS text)
  FROM released
 ORDER BY golden_id
ON CONFLICT (tenant_id, golden_id, cause) DO UPDATE SET due_at = excluded.due_at;

-- present_systems --
-- Which kinds of record these golden records consist of.
SELECT DISTINCT golden_id, system, object
  FROM hub.source_record
 WHERE tenant_id = :tenant AND golden_id = ANY (CAST(:golden_ids AS uuid[])) AND state = 'present';

-- move_all --
-- Everything under a golden id that never stood belongs to another one; it leaves no match key and waits for nothing more.
-- Locks the rows in key order.
WITH moved AS (
    SELECT id
      FROM hub.source_record
     WHERE tenant_id = :tenant AND golden_id = CAST(:waiting AS uuid)
     ORDER BY system, object, external_id, entity, part
       FOR UPDATE
), keys AS (
    DELETE FROM hub.match_key WHERE tenant_id = :tenant AND golden_id = CAST(:waiting AS uuid)
), waits AS (
    DELETE FROM hub.awaiting WHERE tenant_id = :tenant AND golden_id = CAST(:waiting AS uuid)
), due AS (
    DELETE FROM hub.reconsider WHERE tenant_id = :tenant AND golden_id = CAST(:waiting AS uuid)
)
UPDATE hub.source_record s
   SET golden_id = CAST(:target AS uuid), updated_at = now()
  FROM moved m
 WHERE s.tenant_id = :tenant AND s.id = m.id
RETURNING s.id;
