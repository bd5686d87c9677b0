-- What stewards did: one row a step, with what it takes to undo it.

-- record --
INSERT INTO hub.action (tenant_id, kind, actor, reason, correlation_id, entity, golden_ids, decision_ids, given, inverse, batch_id)
VALUES (:tenant, :kind, :actor, :reason, :correlation_id, :entity, :golden_ids, :decision_ids, :given, :inverse, :batch_id)
RETURNING id;

-- lock --
-- Actions as they stand, oldest first, held to the end of the transaction: one undo at a time.
SELECT id, kind, actor, reason, correlation_id, made_at, entity, golden_ids, decision_ids, given, inverse, batch_id,
       undone_at, undone_by, redone_at, redone_by,
       clock_timestamp() > made_at + make_interval(days => CAST(:keep_days AS integer)) AS is_expired
  FROM hub.action
 WHERE tenant_id = :tenant AND id = ANY (CAST(:ids AS bigint[]))
 ORDER BY id
   FOR UPDATE;

-- of_batch --
SELECT id
  FROM hub.action
 WHERE tenant_id = :tenant AND batch_id = :batch_id
 ORDER BY id;

-- of_decision --
-- The newest action that stands and made this decision.
SELECT id
  FROM hub.action
 WHERE tenant_id = :tenant AND decision_ids @> ARRAY[CAST(:decision AS bigint)] AND undone_at IS NULL
 ORDER BY id DESC
 LIMIT 1;

-- later --
-- Actions that stand, came after this one and changed one of these golden records' links: merges and splits.
SELECT id, kind, actor, made_at
  FROM hub.action
 WHERE tenant_id = :tenant AND id > :after AND golden_ids && CAST(:golden_ids AS uuid[]) AND kind = ANY (CAST(:kinds AS text[]))
   AND undone_at IS NULL
 ORDER BY id DESC;

-- undone --
UPDATE hub.action
   SET undone_at = clock_timestamp(), undone_by = :actor, decision_ids = :decision_ids, inverse = :inverse
 WHERE tenant_id = :tenant AND id = :id;

-- redone --
UPDATE hub.action
   SET undone_at = NULL, undone_by = NULL, redone_at = clock_timestamp(), redone_by = :actor, decision_ids = :decision_ids,
       inverse = :inverse
 WHERE tenant_id = :tenant AND id = :id;

-- withdrawn --
-- An action of which no decision is in force any more is undone.
UPDATE hub.action a
   SET undone_at = clock_timestamp(), undone_by = :actor
 WHERE a.tenant_id = :tenant AND a.decision_ids @> ARRAY[CAST(:decision AS bigint)] AND a.undone_at IS NULL
   AND NOT EXISTS (SELECT FROM hub.decision d
                    WHERE d.tenant_id = a.tenant_id AND d.id = ANY (a.decision_ids) AND d.withdrawn_at IS NULL);
