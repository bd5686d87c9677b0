-- What a trial of records reads in its own transaction.

-- known --
-- Which of these records a system has told of already.
SELECT DISTINCT s.system, s.object, s.external_id
  FROM unnest(CAST(:systems AS text[]), CAST(:objects AS text[]), CAST(:external_ids AS text[])) AS g (system, object, external_id)
  JOIN hub.source_record s ON s.tenant_id = :tenant AND s.system = g.system AND s.object = g.object AND s.external_id = g.external_id
 WHERE s.state = 'present';

-- details --
-- What was said about these messages when they were settled.
SELECT inbox_id, detail
  FROM hub.inbox_outcome
 WHERE tenant_id = :tenant AND inbox_id = ANY (CAST(:ids AS bigint[]));

-- rules --
-- By which rule records came to these golden records.
SELECT d.golden_id, s.external_id, d.rule
  FROM hub.decision d
  JOIN hub.source_record s ON s.tenant_id = d.tenant_id AND s.id = d.source_id
 WHERE d.tenant_id = :tenant AND d.golden_id = ANY (CAST(:golden_ids AS uuid[])) AND d.kind = 'link' AND d.withdrawn_at IS NULL;
