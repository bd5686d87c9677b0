-- What a changed rule would change: plans, the records they change, the deliveries that would follow.

-- make --
INSERT INTO hub.plan (tenant_id, kind, entities, given, before, reason, actor, undoes, config_version, total, correlation_id)
VALUES (:tenant, :kind, :entities, :given, :before, :reason, :actor, :undoes, :config_version, :total, :correlation_id)
RETURNING id;

-- find --
SELECT id, kind, state, entities, given, before, reason, actor, undoes, undone_by, proposal_id, config_version, seen_from, done,
       total, at_entity, at_id, summary, error, applied_at, approved_by, correlation_id
  FROM hub.plan
 WHERE tenant_id = :tenant AND id = :id;

-- lock --
-- The plan, held until the transaction ends.
SELECT id, kind, state, entities, given, before, reason, actor, undoes, undone_by, proposal_id, config_version, seen_from, done,
       total, at_entity, at_id, summary, error, applied_at, approved_by, correlation_id
  FROM hub.plan
 WHERE tenant_id = :tenant AND id = :id
   FOR UPDATE;

-- is_ours --
-- The plan, held, if this worker still has it.
SELECT id, kind, state, entities, given, before, reason, actor, undoes, undone_by, proposal_id, config_version, seen_from, done,
       total, at_entity, at_id, summary, error, applied_at, approved_by, correlation_id
  FROM hub.plan
 WHERE tenant_id = :tenant AND id = :id AND token = :token
   FOR UPDATE;

-- claim --
-- Take a plan that a worker has to go on with. Skips what another worker holds.
UPDATE hub.plan
   SET token = :token, lease_until = clock_timestamp() + make_interval(secs => CAST(:lease_s AS double precision))
 WHERE tenant_id = :tenant
   AND id = (SELECT id
               FROM hub.plan
              WHERE tenant_id = :tenant AND state IN ('computing', 'approved', 'applying')
                AND (lease_until IS NULL OR lease_until < clock_timestamp())
              ORDER BY id
              LIMIT 1
                FOR UPDATE SKIP LOCKED)
RETURNING id, state;

-- let_go --
-- End a claim early, so that whoever comes next goes on at once.
UPDATE hub.plan SET token = NULL, lease_until = NULL WHERE tenant_id = :tenant AND id = :id AND token = :token;

-- proceed --
-- Where the work on a plan stands after a page; the lease is renewed.
UPDATE hub.plan
   SET done = :done, at_entity = :at_entity, at_id = :at_id, summary = :summary,
       lease_until = clock_timestamp() + make_interval(secs => CAST(:lease_s AS double precision))
 WHERE tenant_id = :tenant AND id = :id;

-- move --
-- A plan's next state; what is begun anew starts at its first record.
UPDATE hub.plan
   SET state = CAST(:state AS text), error = :error,
       ready_at = CASE WHEN CAST(:state AS text) = 'ready' THEN clock_timestamp() ELSE ready_at END,
       applied_at = CASE WHEN CAST(:state AS text) = 'applied' THEN clock_timestamp() ELSE applied_at END,
       approved_by = CASE WHEN CAST(:state AS text) IN ('approved', 'applying') THEN coalesce(CAST(:actor AS text), approved_by)
                          ELSE approved_by END,
       approved_at = CASE WHEN CAST(:state AS text) = 'approved' THEN clock_timestamp() ELSE approved_at END,
       ended_by = CASE WHEN CAST(:state AS text) IN ('cancelled', 'applied') THEN coalesce(CAST(:actor AS text), approved_by)
                       ELSE ended_by END,
       done = CASE WHEN CAST(:state AS text) IN ('computing', 'approved', 'applying') THEN 0 ELSE done END,
       at_entity = '', at_id = '00000000-0000-0000-0000-000000000000', token = NULL, lease_until = NULL
 WHERE tenant_id = :tenant AND id = :id;

-- refresh --
-- Begin a plan anew, from the rule that is in force now.
UPDATE hub.plan
   SET before = :before, config_version = :config_version, seen_from = clock_timestamp(), total = :total, summary = '{}',
       entities = :entities, proposal_id = NULL
 WHERE tenant_id = :tenant AND id = :id;

-- forget_items --
DELETE FROM hub.plan_item WHERE tenant_id = :tenant AND plan_id = :id;

-- forget_deliveries --
DELETE FROM hub.plan_delivery WHERE tenant_id = :tenant AND plan_id = :id;

-- undone --
UPDATE hub.plan SET undone_by = :undone_by WHERE tenant_id = :tenant AND id = :id;

-- ask --
UPDATE hub.plan SET proposal_id = :proposal WHERE tenant_id = :tenant AND id = :id;

-- being_applied --
-- Another plan that is under way: only one rule changes at a time.
SELECT id
  FROM hub.plan
 WHERE tenant_id = :tenant AND id <> :id AND state IN ('approved', 'applying')
 ORDER BY id
 LIMIT 1;

-- population --
-- How many golden records these entities have, born or not.
SELECT count(DISTINCT golden_id)
  FROM hub.source_record
 WHERE tenant_id = :tenant AND entity = ANY (CAST(:entities AS text[])) AND golden_id IS NOT NULL AND state <> 'awaited';

-- page --
-- The next golden records of one entity, born or not, in the order of their ids.
SELECT DISTINCT golden_id
  FROM hub.source_record
 WHERE tenant_id = :tenant AND entity = :entity AND golden_id > CAST(:after AS uuid) AND state <> 'awaited'
 ORDER BY golden_id
 LIMIT CAST(:most AS integer);

-- put_items --
INSERT INTO hub.plan_item (tenant_id, plan_id, golden_id, entity, op, version, before, after, digest)
SELECT :tenant, :id, g.golden_id, g.entity, g.op, g.version, g.before, g.after, decode(g.digest, 'hex')
  FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS g (
       golden_id uuid, entity text, op text, version integer, before jsonb, after jsonb, digest text)
ON CONFLICT (tenant_id, plan_id, golden_id) DO NOTHING;

-- put_deliveries --
INSERT INTO hub.plan_delivery (tenant_id, plan_id, golden_id, system, entity, mode, op, fields)
SELECT :tenant, :id, g.golden_id, g.system, g.entity, g.mode, g.op, g.fields
  FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS g (golden_id uuid, system text, entity text, mode text, op text, fields jsonb)
ON CONFLICT (tenant_id, plan_id, golden_id, system) DO NOTHING;

-- items_of --
-- What the plan says of these records.
SELECT golden_id, digest, state
  FROM hub.plan_item
 WHERE tenant_id = :tenant AND plan_id = :id AND golden_id = ANY (CAST(:golden_ids AS uuid[]));

-- items_left --
-- The next records the plan has still to change, in the order of their ids.
SELECT golden_id, entity, digest
  FROM hub.plan_item
 WHERE tenant_id = :tenant AND plan_id = :id AND state = 'planned' AND golden_id > CAST(:after AS uuid)
 ORDER BY golden_id
 LIMIT CAST(:most AS integer);

-- settle_items --
-- What became of records of the plan; one that the plan did not list is added as moved.
INSERT INTO hub.plan_item AS i (tenant_id, plan_id, golden_id, entity, op, version, before, after, digest, state, moved, applied_version)
SELECT :tenant, :id, g.golden_id, g.entity, coalesce(g.op, 'update'), coalesce(g.version, 0), '{}', '{}', '', g.state, g.moved,
       g.applied_version
  FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS g (
       golden_id uuid, entity text, op text, version integer, state text, moved jsonb, applied_version integer)
ON CONFLICT (tenant_id, plan_id, golden_id) DO UPDATE
   SET state = excluded.state, moved = excluded.moved, applied_version = excluded.applied_version;

-- vanished --
-- Records of the plan that are no more: merged into others meanwhile.
UPDATE hub.plan_item i
   SET state = 'moved', moved = '{"gone": true}'
 WHERE i.tenant_id = :tenant AND i.plan_id = :id
   AND NOT EXISTS (SELECT FROM hub.source_record s WHERE s.tenant_id = :tenant AND s.golden_id = i.golden_id);

-- unmoved --
-- What had moved is looked at anew; records the plan never listed leave it.
WITH gone AS (
    DELETE FROM hub.plan_item WHERE tenant_id = :tenant AND plan_id = :id AND digest = ''
)
UPDATE hub.plan_item SET state = 'planned', moved = NULL WHERE tenant_id = :tenant AND plan_id = :id AND state = 'moved' AND digest <> '';

-- content --
-- Names what a plan would write: the same records with the same results have the same name.
SELECT md5(coalesce(string_agg(encode(digest, 'hex'), '' ORDER BY golden_id), ''))
  FROM hub.plan_item
 WHERE tenant_id = :tenant AND plan_id = :id AND digest <> '';

-- count_items --
SELECT state, count(*) AS count FROM hub.plan_item WHERE tenant_id = :tenant AND plan_id = :id GROUP BY state;

-- touched_since --
-- Compute again, a moment later, whatever came in around the time a plan was applied: a batch that had read the former rule
-- may have been stored after the new one.
INSERT INTO hub.reconsider (tenant_id, entity, golden_id, due_at, cause, actor, correlation_id)
SELECT DISTINCT tenant_id, entity, golden_id, statement_timestamp(), 'policy', CAST(:actor AS text), CAST(:correlation_id AS text)
  FROM hub.source_record
 WHERE tenant_id = :tenant AND entity = ANY (CAST(:entities AS text[])) AND golden_id IS NOT NULL AND state <> 'awaited'
   AND updated_at >= CAST(:since AS timestamptz) - interval '1 minute'
ON CONFLICT (tenant_id, golden_id, cause) DO UPDATE SET due_at = excluded.due_at;

-- unsettled --
SELECT id, kind, entities, applied_at, approved_by, actor, correlation_id
  FROM hub.plan
 WHERE tenant_id = :tenant AND state = 'applied' AND settled_at IS NULL
   AND applied_at < clock_timestamp() - make_interval(secs => CAST(:after_s AS double precision))
   FOR UPDATE SKIP LOCKED;

-- settled --
UPDATE hub.plan SET settled_at = clock_timestamp() WHERE tenant_id = :tenant AND id = ANY (CAST(:ids AS bigint[]));

-- receivables --
-- What is still to be paid on invoices that refer to a record of the plan, or are one, per currency.
SELECT i.open_amount_currency AS currency, sum(i.open_amount) AS amount, count(*) AS count
  FROM golden.invoice i
 WHERE i.tenant_id = :tenant AND i.open_amount <> 0
   AND EXISTS (SELECT FROM hub.plan_item p
                WHERE p.tenant_id = :tenant AND p.plan_id = :id AND p.op <> 'lineage'
                  AND p.golden_id IN (i.id, i.client_id, i.billing_account_id, i.contract_id))
 GROUP BY 1
 ORDER BY 1;

-- forms_of_golden --
-- The normal forms of what these golden records consist of, with the keys they are found by.
SELECT s.golden_id, s.id AS source_id, f.form, f.keys
  FROM hub.source_record s
  JOIN hub.match_form f ON f.tenant_id = s.tenant_id AND f.source_id = s.id
 WHERE s.tenant_id = :tenant AND s.entity = :entity AND s.golden_id = ANY (CAST(:golden_ids AS uuid[])) AND s.state = 'present'
 ORDER BY s.golden_id, s.id;

-- due_of_items --
-- What a plan lists is looked at again by the next re-evaluation.
UPDATE hub.match_form f
   SET is_due = true
  FROM hub.plan_item i
  JOIN hub.source_record s ON s.tenant_id = i.tenant_id AND s.golden_id = i.golden_id
 WHERE i.tenant_id = :tenant AND i.plan_id = :id AND f.tenant_id = s.tenant_id AND f.source_id = s.id;

-- all_applied --
UPDATE hub.plan_item SET state = 'applied' WHERE tenant_id = :tenant AND plan_id = :id AND state = 'planned';
