-- Values that many golden records share.

-- drop_holders --
-- What these golden records were counted for; answers it, since those counts change.
DELETE FROM hub.value_holder
 WHERE tenant_id = :tenant AND golden_id = ANY (CAST(:golden_ids AS uuid[]))
RETURNING entity, kind, value_hash;

-- put_holders --
INSERT INTO hub.value_holder (tenant_id, entity, kind, value_hash, golden_id)
SELECT :tenant, :entity, g.kind, g.value_hash, g.golden_id
  FROM unnest(CAST(:kinds AS text[]), CAST(:hashes AS bigint[]), CAST(:golden_ids AS uuid[])) AS g (kind, value_hash, golden_id)
 ORDER BY g.kind, g.value_hash, g.golden_id
ON CONFLICT DO NOTHING;

-- count_holders --
-- How many golden records carry each of these values; counting ends at 10,000.
SELECT g.kind, g.value_hash, (SELECT count(*) FROM (SELECT FROM hub.value_holder h
                                                     WHERE h.tenant_id = :tenant AND h.entity = :entity AND h.kind = g.kind
                                                       AND h.value_hash = g.value_hash
                                                     LIMIT 10000) AS few) AS holders
  FROM unnest(CAST(:kinds AS text[]), CAST(:hashes AS bigint[])) AS g (kind, value_hash);

-- found --
-- Values that many share by now. A person's word stays; a count that is known is only renewed. Answers those that are new.
INSERT INTO hub.generic_value AS v (tenant_id, entity, kind, value_hash, value, holders, state, actor)
SELECT :tenant, :entity, g.kind, g.value_hash, g.value, g.holders, 'generic', 'rule'
  FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS g (kind text, value_hash bigint, value text, holders integer)
 ORDER BY g.kind, g.value_hash
ON CONFLICT (tenant_id, entity, kind, value_hash) DO UPDATE SET holders = excluded.holders
RETURNING kind, value_hash, (xmax = 0) AS is_new;

-- recount --
-- Counts of values that are known already.
UPDATE hub.generic_value v
   SET holders = g.holders
  FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS g (kind text, value_hash bigint, holders integer)
 WHERE v.tenant_id = :tenant AND v.entity = :entity AND v.kind = g.kind AND v.value_hash = g.value_hash;

-- over --
-- Values a rule called generic that few share by now; they tell records apart again.
DELETE FROM hub.generic_value v
 USING jsonb_to_recordset(CAST(:rows AS jsonb)) AS g (kind text, value_hash bigint)
 WHERE v.tenant_id = :tenant AND v.entity = :entity AND v.kind = g.kind AND v.value_hash = g.value_hash
   AND v.actor = 'rule' AND v.state = 'generic'
RETURNING v.kind, v.value_hash, v.value;

-- declare --
-- A person says what a value is; that outranks every count. What is newly generic is looked at again.
INSERT INTO hub.generic_value AS v (tenant_id, entity, kind, value_hash, value, holders, state, actor, reason)
VALUES (:tenant, :entity, :kind, :value_hash, :value, :holders, :state, :actor, :reason)
ON CONFLICT (tenant_id, entity, kind, value_hash) DO UPDATE
   SET state = excluded.state, actor = excluded.actor, reason = excluded.reason, holders = excluded.holders, found_at = clock_timestamp(),
       reviewed_at = NULL;

-- withdraw --
-- Take a person's word back; the count decides again.
DELETE FROM hub.generic_value
 WHERE tenant_id = :tenant AND entity = :entity AND kind = :kind AND value_hash = :value_hash AND actor <> 'rule'
RETURNING state, value;

-- in_force --
SELECT entity, kind, value FROM hub.generic_value WHERE tenant_id = :tenant AND state = 'generic';

-- unreviewed --
-- Generic values on which earlier links may rest, not looked at yet.
SELECT entity, kind, value_hash, value
  FROM hub.generic_value
 WHERE tenant_id = :tenant AND state = 'generic' AND reviewed_at IS NULL
 ORDER BY found_at
 LIMIT CAST(:most AS integer)
   FOR UPDATE SKIP LOCKED;

-- reviewed --
UPDATE hub.generic_value
   SET reviewed_at = clock_timestamp()
 WHERE tenant_id = :tenant AND entity = :entity AND kind = :kind AND value_hash = :value_hash;

-- linked_holders --
-- Golden records with this value into which a rule has put a record, with the rules' decisions. Links by name are not asked.
SELECT d.golden_id, d.id AS decision_id, d.rule, d.reason, d.source_id
  FROM hub.value_holder h
  JOIN hub.decision d ON d.tenant_id = h.tenant_id AND d.golden_id = h.golden_id
 WHERE h.tenant_id = :tenant AND h.entity = :entity AND h.kind = :kind AND h.value_hash = :value_hash
   AND d.kind = 'link' AND d.withdrawn_at IS NULL AND d.rule <> 'declared_link'
 ORDER BY d.golden_id, d.id;

-- verified --
-- Source records whose place a person has confirmed or chosen.
SELECT DISTINCT source_id
  FROM hub.decision
 WHERE tenant_id = :tenant AND source_id = ANY (CAST(:source_ids AS bigint[])) AND kind IN ('same', 'split', 'merge')
   AND withdrawn_at IS NULL AND actor <> 'rule';

-- holding --
-- The source records of whoever carries this value.
SELECT s.id
  FROM hub.value_holder h
  JOIN hub.source_record s ON s.tenant_id = h.tenant_id AND s.golden_id = h.golden_id AND s.entity = h.entity
 WHERE h.tenant_id = :tenant AND h.entity = :entity AND h.kind = :kind AND h.value_hash = :value_hash AND s.state = 'present'
 LIMIT CAST(:most AS integer);

-- doubts_about --
-- Open doubts that were raised because of this value.
SELECT id
  FROM hub.task
 WHERE tenant_id = :tenant AND state = 'open' AND cause = 'link_in_doubt' AND entity = :entity
   AND detail ->> 'kind' = :kind AND detail ->> 'value' = :value;
