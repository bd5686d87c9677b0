-- What a match model is learned from: normal forms of some source records, and what people said of pairs of them.

-- population --
-- Source records of an entity that are compared.
SELECT count(*)
  FROM hub.match_form
 WHERE tenant_id = :tenant AND entity = :entity;

-- some --
-- Source records of an entity, at most :most, in an order that says nothing of them.
SELECT source_id
  FROM hub.match_form
 WHERE tenant_id = :tenant AND entity = :entity
 ORDER BY hashint8extended(source_id, 20), source_id
 LIMIT :most;

-- near --
-- Source records that share a blocking key with one of these; keys of more than :most holders are left out.
WITH asked AS (
    SELECT DISTINCT unnest(keys) AS key
      FROM hub.match_form
     WHERE tenant_id = :tenant AND source_id = ANY (CAST(:source_ids AS bigint[]))
)
SELECT DISTINCT h.source_id
  FROM asked a
 CROSS JOIN LATERAL (
       SELECT array_agg(b.source_id) AS ids
         FROM (SELECT source_id FROM hub.blocking_key WHERE tenant_id = :tenant AND key = a.key LIMIT :most + 1) AS b
       ) AS held
 CROSS JOIN LATERAL unnest(held.ids) AS h (source_id)
 WHERE cardinality(held.ids) <= :most;

-- forms --
SELECT source_id, form
  FROM hub.match_form
 WHERE tenant_id = :tenant AND entity = :entity AND source_id = ANY (CAST(:source_ids AS bigint[]));

-- answers --
-- Pairs of source records that a person's decision in force says are one thing (merges, links) or are not (kept apart, taken
-- away), at most :most of a decision, the latest decision first.
WITH said AS (
    SELECT d.id, true AS is_same, CAST(m.id AS bigint) AS a, CAST(s.id AS bigint) AS b
      FROM hub.decision d
     CROSS JOIN LATERAL jsonb_array_elements_text(d.evidence -> 'moved') AS m (id)
     CROSS JOIN LATERAL jsonb_array_elements_text(d.evidence -> 'stayed') AS s (id)
     WHERE d.tenant_id = :tenant AND d.entity = :entity AND d.kind = 'merge' AND d.rule = '' AND d.actor NOT IN ('rule', 'hub')
       AND d.withdrawn_at IS NULL
    UNION ALL
    SELECT d.id, true, d.source_id, s.id
      FROM hub.decision d
      JOIN hub.source_record mine ON mine.tenant_id = d.tenant_id AND mine.id = d.source_id
      JOIN hub.source_record s
        ON s.tenant_id = d.tenant_id AND s.golden_id = mine.golden_id AND s.id <> d.source_id AND s.state = 'present' AND s.first_seen_at <= d.made_at
     WHERE d.tenant_id = :tenant AND d.entity = :entity AND d.kind = 'same' AND d.actor NOT IN ('rule', 'hub') AND d.withdrawn_at IS NULL
    UNION ALL
    SELECT d.id, false, one.source_id, other.source_id
      FROM hub.decision d
      JOIN hub.apart one ON one.tenant_id = d.tenant_id AND one.decision_id = d.id AND one.side = 1
      JOIN hub.apart other ON other.tenant_id = d.tenant_id AND other.decision_id = d.id AND other.side = 2
     WHERE d.tenant_id = :tenant AND d.entity = :entity AND d.kind = 'not_same' AND d.actor NOT IN ('rule', 'hub') AND d.withdrawn_at IS NULL
), counted AS (
    SELECT id, is_same, a, b, row_number() OVER (PARTITION BY id ORDER BY a, b) AS at
      FROM said
)
SELECT id, is_same, a, b
  FROM counted
 WHERE at <= :most
 ORDER BY id DESC, a, b
 LIMIT :most_of_all;

-- end_training --
-- Say what a training came to; the version is known only now.
UPDATE hub.match_run
   SET finished_at = clock_timestamp(), looked_at = :looked_at, outcome = CAST(:outcome AS jsonb), model_version = :version
 WHERE tenant_id = :tenant AND id = :id;
