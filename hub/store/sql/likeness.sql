-- Normal forms of source records, the keys they are found by, and the models they are compared with.

-- keys_of --
-- The blocking keys that the stored forms of these source records name.
SELECT source_id, keys
  FROM hub.match_form
 WHERE tenant_id = :tenant AND source_id = ANY (CAST(:source_ids AS bigint[]));

-- put_forms --
-- Store forms, new or changed. The contributions' rows are locked by whoever writes. Keys are gathered once for all of them: looked
-- for form by form, a batch of 500 went over 6,000 keys 500 times.
INSERT INTO hub.match_form (tenant_id, source_id, entity, normal, form, keys)
SELECT :tenant, f.source_id, :entity, :normal, f.form, coalesce(k.keys, '{}')
  FROM unnest(CAST(:source_ids AS bigint[]), CAST(:forms AS json[])) AS f (source_id, form)
  LEFT JOIN (SELECT owner, array_agg(key ORDER BY key) AS keys
               FROM unnest(CAST(:keys AS bigint[]), CAST(:owners AS bigint[])) AS every (key, owner)
              GROUP BY owner) AS k ON k.owner = f.source_id
 ORDER BY f.source_id
ON CONFLICT (tenant_id, source_id) DO UPDATE
   SET entity = excluded.entity, normal = excluded.normal, form = excluded.form, keys = excluded.keys, is_due = true;

-- drop_forms --
DELETE FROM hub.match_form
 WHERE tenant_id = :tenant AND source_id = ANY (CAST(:source_ids AS bigint[]));

-- add_blocking_keys --
-- Input is sorted by (key, source id), as everywhere.
INSERT INTO hub.blocking_key (tenant_id, key, source_id)
SELECT :tenant, k.key, k.source_id
  FROM unnest(CAST(:keys AS bigint[]), CAST(:source_ids AS bigint[])) AS k (key, source_id)
ON CONFLICT DO NOTHING;

-- drop_blocking_keys --
DELETE FROM hub.blocking_key b
 USING unnest(CAST(:keys AS bigint[]), CAST(:source_ids AS bigint[])) AS k (key, source_id)
 WHERE b.tenant_id = :tenant AND b.key = k.key AND b.source_id = k.source_id;

-- put_off --
-- Forms that are written later, in pieces that hold nobody up for long.
INSERT INTO hub.form_later (tenant_id, entity, source_ids, unjudged)
SELECT :tenant, :entity, array_agg(id), coalesce(array_agg(id) FILTER (WHERE is_unjudged), '{}')
  FROM unnest(CAST(:source_ids AS bigint[]), CAST(:unjudged AS boolean[])) WITH ORDINALITY AS f (id, is_unjudged, place)
 GROUP BY (place - 1) / CAST(:piece AS integer)
 ORDER BY min(place);

-- put_off_first --
-- The oldest piece that nobody else has in hand.
SELECT id, entity, source_ids, unjudged
  FROM hub.form_later
 WHERE tenant_id = :tenant
 ORDER BY id
 LIMIT 1
   FOR UPDATE SKIP LOCKED;

-- put_off_done --
DELETE FROM hub.form_later
 WHERE tenant_id = :tenant AND id = :id;

-- candidates --
-- Source records that share a blocking key with the records looked for (each named by its place), at most :cap of a key; a key
-- with more says nothing and is left out. Of each record looked for the :limit that share most keys with it. Rows are fetched one
-- by one (OFFSET 0) and keys in the order of their index: a planner that expects many reads whole tables instead.
WITH asked AS (
    SELECT place, key
      FROM unnest(CAST(:places AS integer[]), CAST(:keys AS bigint[])) AS a (place, key)
), held AS (
    SELECT k.key, found.ids
      FROM (SELECT DISTINCT key FROM asked) AS k
     CROSS JOIN LATERAL (
           SELECT array_agg(b.source_id) AS ids
             FROM (SELECT source_id FROM hub.blocking_key WHERE tenant_id = :tenant AND key = k.key ORDER BY source_id LIMIT :cap + 1) AS b
           ) AS found
     WHERE cardinality(found.ids) <= :cap
), near AS (
    SELECT a.place, h.source_id, row_number() OVER (PARTITION BY a.place ORDER BY count(*) DESC, h.source_id) AS rank
      FROM asked a
      JOIN held USING (key)
     CROSS JOIN LATERAL unnest(held.ids) AS h (source_id)
     GROUP BY a.place, h.source_id
)
SELECT n.place, n.source_id, s.golden_id, s.system, f.form
  FROM near n
 CROSS JOIN LATERAL (
       SELECT golden_id, system FROM hub.source_record
        WHERE tenant_id = :tenant AND id = n.source_id AND golden_id IS NOT NULL AND state = 'present' OFFSET 0
       ) AS s
 CROSS JOIN LATERAL (SELECT form FROM hub.match_form WHERE tenant_id = :tenant AND source_id = n.source_id OFFSET 0) AS f
 WHERE n.rank <= :limit;

-- cluster_forms --
-- Every form of these golden records, to judge a cluster as a whole.
SELECT s.golden_id, s.id AS source_id, s.system, f.form
  FROM hub.source_record s
 CROSS JOIN LATERAL (SELECT form FROM hub.match_form WHERE tenant_id = :tenant AND source_id = s.id OFFSET 0) AS f
 WHERE s.tenant_id = :tenant AND s.golden_id = ANY (CAST(:golden_ids AS uuid[])) AND s.state = 'present';

-- in_force --
SELECT id, entity, version, document
  FROM hub.match_model
 WHERE tenant_id = :tenant AND state = 'in_force';

-- put_model --
-- The next version of an entity's model.
INSERT INTO hub.match_model (tenant_id, entity, version, document, report, made_by)
SELECT :tenant, :entity, 1 + coalesce(max(version), 0), CAST(:document AS jsonb), CAST(:report AS jsonb), :actor
  FROM hub.match_model
 WHERE tenant_id = :tenant AND entity = :entity
RETURNING id, version;

-- retire --
UPDATE hub.match_model
   SET state = 'retired'
 WHERE tenant_id = :tenant AND entity = :entity AND state = 'in_force';

-- put_in_force --
UPDATE hub.match_model
   SET state = 'in_force', in_force_at = clock_timestamp(), in_force_by = :actor
 WHERE tenant_id = :tenant AND entity = :entity AND version = :version
RETURNING id, version;

-- model --
SELECT id, entity, version, state, document, report, made_by, made_at, in_force_at
  FROM hub.match_model
 WHERE tenant_id = :tenant AND entity = :entity AND version = :version;

-- start_run --
INSERT INTO hub.match_run (tenant_id, entity, kind, model_version, actor)
VALUES (:tenant, :entity, :kind, :version, :actor)
RETURNING id;

-- end_run --
UPDATE hub.match_run
   SET finished_at = clock_timestamp(), looked_at = :looked_at, outcome = CAST(:outcome AS jsonb)
 WHERE tenant_id = :tenant AND id = :id;

-- without_form --
-- Source records of an entity, in order of id, whose form is missing or of an older normaliser.
SELECT s.id
  FROM hub.source_record s
  LEFT JOIN hub.match_form f ON f.tenant_id = s.tenant_id AND f.source_id = s.id
 WHERE s.tenant_id = :tenant AND s.entity = :entity AND s.id > :after AND s.state = 'present'
   AND (f.source_id IS NULL OR f.normal <> :normal)
 ORDER BY s.id
 LIMIT :limit;

-- models --
-- Every version of an entity's model, newest first.
SELECT entity, version, state, document, report, made_by, made_at, in_force_at
  FROM hub.match_model
 WHERE tenant_id = :tenant AND entity = :entity
 ORDER BY version DESC;

-- runs --
SELECT id, entity, kind, model_version, looked_at, outcome, started_at, finished_at, actor
  FROM hub.match_run
 WHERE tenant_id = :tenant AND (CAST(:entity AS text) IS NULL OR entity = :entity)
 ORDER BY id DESC
 LIMIT :limit;

-- links_made --
-- Links and merges the learned model made: those that stand, and those a person took back, be it that they withdrew them or took
-- the record away. What the model itself put elsewhere counts as neither.
SELECT count(*) FILTER (WHERE NOT made.is_taken_back) AS linked, count(*) FILTER (WHERE made.is_taken_back) AS withdrawn
  FROM (SELECT d.withdrawn_at IS NOT NULL
               OR EXISTS (SELECT FROM hub.decision p
                           WHERE p.tenant_id = d.tenant_id AND p.source_id = d.source_id AND p.kind IN ('split', 'not_same')
                             AND p.id > d.id AND p.withdrawn_at IS NULL) AS is_taken_back
          FROM hub.decision d
         WHERE d.tenant_id = :tenant AND d.entity = :entity AND d.rule LIKE 'model:%' AND d.kind IN ('link', 'merge')
           AND coalesce(d.withdrawn_by, '') <> 'rule') AS made;

-- answers --
-- What people answered about pairs of about one weight, in bands of two bits, and what is still asked.
SELECT 2 * CAST(floor(CAST(detail -> 'evidence' ->> 'weight' AS numeric) / 2) AS integer) AS bits,
       count(*) FILTER (WHERE state = 'open') AS asked,
       count(*) FILTER (WHERE state <> 'open' AND resolved_by <> 'rule' AND detail ->> 'answer' = 'same') AS same,
       count(*) FILTER (WHERE state <> 'open' AND resolved_by <> 'rule' AND detail ->> 'answer' = 'not_same') AS apart
  FROM hub.task
 WHERE tenant_id = :tenant AND cause = 'possible_duplicate' AND entity = :entity AND jsonb_typeof(detail -> 'evidence') = 'object'
 GROUP BY 1
 ORDER BY 1;

-- due_forms --
-- Forms that came or changed since the last re-evaluation, oldest first, with the golden records of their source records.
SELECT f.source_id, s.golden_id, s.system, f.form, f.keys
  FROM hub.match_form f
  JOIN hub.source_record s ON s.tenant_id = f.tenant_id AND s.id = f.source_id
 WHERE f.tenant_id = :tenant AND f.entity = :entity AND f.is_due AND s.golden_id IS NOT NULL
 ORDER BY f.source_id
 LIMIT :limit;

-- due_count --
SELECT entity, count(*) AS due
  FROM hub.match_form
 WHERE tenant_id = :tenant AND is_due
 GROUP BY entity;

-- looked_at --
UPDATE hub.match_form
   SET is_due = false
 WHERE tenant_id = :tenant AND source_id = ANY (CAST(:source_ids AS bigint[])) AND is_due;

-- all_due --
-- Everything of an entity is looked at again: another model or another threshold judges by now.
UPDATE hub.match_form
   SET is_due = true
 WHERE tenant_id = :tenant AND entity = :entity AND NOT is_due;

-- movable --
-- Of these source records, those that the model alone has put where they are.
SELECT DISTINCT d.source_id
  FROM hub.decision d
  JOIN hub.source_record s ON s.tenant_id = d.tenant_id AND s.id = d.source_id AND s.golden_id = d.golden_id AND s.home_id IS NULL
 WHERE d.tenant_id = :tenant AND d.source_id = ANY (CAST(:source_ids AS bigint[])) AND d.kind = 'link' AND d.rule LIKE 'model:%'
   AND d.withdrawn_at IS NULL
   AND NOT EXISTS (
       SELECT FROM hub.decision p
        WHERE p.tenant_id = d.tenant_id AND p.source_id = d.source_id AND p.kind IN ('same', 'not_same', 'split') AND p.withdrawn_at IS NULL);

-- withdraw_links --
-- The model's links of source records that it puts elsewhere.
UPDATE hub.decision
   SET withdrawn_at = clock_timestamp(), withdrawn_by = :actor
 WHERE tenant_id = :tenant AND source_id = ANY (CAST(:source_ids AS bigint[])) AND kind = 'link' AND rule LIKE 'model:%'
   AND withdrawn_at IS NULL;

-- asked --
-- Pairs of golden records somebody is asked about already.
SELECT golden_id AS one, CAST(detail ->> 'other' AS uuid) AS other
  FROM hub.task
 WHERE tenant_id = :tenant AND state = 'open' AND cause = 'possible_duplicate' AND golden_id = ANY (CAST(:golden_ids AS uuid[]))
   AND detail ->> 'other' IS NOT NULL;

-- entities_due --
-- Over all tenants: where a model is in force, forms are due, and nobody looked, nor put the model in force, in the last hours.
SELECT m.tenant_id, m.entity
  FROM hub.match_model m
 WHERE m.state = 'in_force' AND m.in_force_at < clock_timestamp() - make_interval(secs => 3600 * CAST(:every_h AS float8))
   AND EXISTS (SELECT FROM hub.match_form f WHERE f.tenant_id = m.tenant_id AND f.entity = m.entity AND f.is_due)
   AND NOT EXISTS (
       SELECT FROM hub.match_run r
        WHERE r.tenant_id = m.tenant_id AND r.entity = m.entity AND r.kind = 're_evaluation'
          AND r.started_at > clock_timestamp() - make_interval(secs => 3600 * CAST(:every_h AS float8)));
