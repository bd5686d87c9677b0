-- What became of a file: its messages are those whose key begins with the file's, between two inbox ids.

-- still_open --
SELECT count(*)
  FROM hub.inbox_open
 WHERE tenant_id = :tenant AND inbox_id BETWEEN :first_id AND :last_id;

-- outcomes --
-- How many messages of the file did not simply change a golden record, by outcome.
SELECT o.outcome, count(*) AS count
  FROM hub.inbox i
  JOIN hub.inbox_outcome o ON o.tenant_id = i.tenant_id AND o.inbox_id = i.id
 WHERE i.tenant_id = :tenant AND i.id BETWEEN :first_id AND :last_id AND starts_with(i.idempotency_key, :key)
 GROUP BY o.outcome;

-- problems --
-- What was wrong, most frequent first: with the first line that has it.
SELECT o.outcome, d ->> 'field' AS field, d ->> 'reason' AS reason, count(*) AS count,
       min(split_part(i.idempotency_key, ':', 3)::bigint) AS line
  FROM hub.inbox i
  JOIN hub.inbox_outcome o ON o.tenant_id = i.tenant_id AND o.inbox_id = i.id
 CROSS JOIN LATERAL jsonb_array_elements(o.detail) AS d
 WHERE i.tenant_id = :tenant AND i.id BETWEEN :first_id AND :last_id AND starts_with(i.idempotency_key, :key)
 GROUP BY 1, 2, 3
 ORDER BY o.outcome = 'quarantined' DESC, count(*) DESC, min(i.id)
 LIMIT :limit;

-- awaited --
-- What golden records wait for, by field: references to records unknown or not born yet, and fields nobody offers.
SELECT entity, field, count(DISTINCT golden_id) AS count
  FROM hub.awaiting
 WHERE tenant_id = :tenant AND entity = ANY (CAST(:entities AS text[]))
 GROUP BY entity, field
 ORDER BY entity, field;

-- newest_mapping --
SELECT document
  FROM hub.mapping
 WHERE tenant_id = :tenant AND system = :system
 ORDER BY version DESC
 LIMIT 1;

-- named_records --
-- Records of these objects with their names, which others of the system will now refer to.
SELECT s.system, s.object, s.entity, s."values" ->> 'name' AS name, s.golden_id
  FROM unnest(CAST(:systems AS text[]), CAST(:objects AS text[])) AS k (system, object)
  JOIN hub.source_record s ON s.tenant_id = :tenant AND s.system = k.system AND s.object = k.object
 WHERE s.state = 'present' AND s.golden_id IS NOT NULL AND s."values" ->> 'name' IS NOT NULL
 ORDER BY s.id;

-- records --
-- Present contributions, by system and entity.
SELECT system, entity, count(*) AS count
  FROM hub.source_record
 WHERE tenant_id = :tenant AND state = 'present'
 GROUP BY system, entity
 ORDER BY system, entity;

-- best_connected_client --
-- The client of several systems with contacts and projects that has the most of them.
SELECT c.id
  FROM golden.client c
  JOIN (SELECT golden_id, count(DISTINCT system) AS systems
          FROM hub.source_record
         WHERE tenant_id = :tenant AND entity = 'client' AND state = 'present'
         GROUP BY golden_id) s ON s.golden_id = c.id
  LEFT JOIN (SELECT client_id, count(*) AS contacts FROM golden.contact WHERE tenant_id = :tenant GROUP BY client_id) p
         ON p.client_id = c.id
  LEFT JOIN (SELECT client_id, count(*) AS projects FROM golden.project WHERE tenant_id = :tenant GROUP BY client_id) j
         ON j.client_id = c.id
 WHERE c.tenant_id = :tenant
 ORDER BY p.contacts IS NULL, j.projects IS NULL, s.systems DESC, coalesce(p.contacts, 0) + coalesce(j.projects, 0) DESC, c.name
 LIMIT 1;

-- contributions --
-- What a system says of its records now, as they came.
SELECT object, entity, external_id, "values"
  FROM hub.source_record
 WHERE tenant_id = :tenant AND system = :system AND state = 'present'
 ORDER BY id;

-- orphans --
-- References to records of a system that nobody has told us of (or to a name that two bear), by field.
WITH mentioned AS (
    SELECT a.entity, a.field, s.object, s.external_id, count(*) AS records
      FROM hub.awaiting a
      JOIN hub.source_record s ON s.tenant_id = a.tenant_id AND s.id = a.source_id
     WHERE a.tenant_id = :tenant AND s.system = :system AND s.state = 'awaited'
     GROUP BY a.entity, a.field, s.object, s.external_id
)
SELECT entity, field, object, sum(records)::bigint AS records, count(*) AS different,
       (array_agg(external_id || ' ×' || records ORDER BY records DESC, external_id))[1 : CAST(:examples AS integer)] AS examples
  FROM mentioned
 GROUP BY entity, field, object
 ORDER BY entity, field, object;
