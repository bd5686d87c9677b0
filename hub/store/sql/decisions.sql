-- Judgements of people and rules; withdrawn, never deleted.

-- in_force --
SELECT id, kind, entity, golden_id, other_id, source_id, field, value, reason, actor, rule, made_at, until, while_source
  FROM hub.decision
 WHERE tenant_id = :tenant AND golden_id = ANY (CAST(:golden_ids AS uuid[])) AND withdrawn_at IS NULL
 ORDER BY id;

-- make --
INSERT INTO hub.decision (tenant_id, kind, entity, golden_id, other_id, source_id, field, value, reason, actor, rule,
                          evidence, until, while_source, made_at)
SELECT :tenant, g.kind, g.entity, g.golden_id, g.other_id, g.source_id, coalesce(g.field, ''), g.value,
       coalesce(g.reason, ''), g.actor, coalesce(g.rule, ''), g.evidence, g.until, coalesce(g.while_source, ''),
       coalesce(g.made_at, now())
  FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS g (
       kind text, entity text, golden_id uuid, other_id uuid, source_id bigint, field text, value jsonb, reason text,
       actor text, rule text, evidence jsonb, until timestamptz, while_source text, made_at timestamptz)
RETURNING id;

-- withdraw --
UPDATE hub.decision
   SET withdrawn_at = clock_timestamp(), withdrawn_by = :actor
 WHERE tenant_id = :tenant AND id = :id AND withdrawn_at IS NULL
RETURNING id, kind, entity, golden_id, other_id, source_id, field;

-- confirmed --
-- Of these golden records, those that a person has put together or confirmed.
SELECT DISTINCT golden_id
  FROM hub.decision
 WHERE tenant_id = :tenant AND golden_id = ANY (CAST(:golden_ids AS uuid[])) AND withdrawn_at IS NULL AND kind IN ('same', 'merge');

-- explain --
-- What a rule saw when it decided, beside what is kept to undo it.
UPDATE hub.decision
   SET rule = :rule, evidence = coalesce(evidence, '{}') || :evidence
 WHERE tenant_id = :tenant AND id = ANY (CAST(:ids AS bigint[]));
