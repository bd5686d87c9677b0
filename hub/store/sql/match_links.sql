-- Links that a match model made and somebody took back.

-- withdrawn --
-- The newest first, each with its evidence: what the model saw, and who knew better.
SELECT d.id, d.golden_id, d.other_id, d.rule, d.evidence, d.made_at, d.withdrawn_at, d.withdrawn_by, s.system, s.object, s.external_id
  FROM hub.decision d
  LEFT JOIN hub.source_record s ON s.tenant_id = d.tenant_id AND s.id = d.source_id
 WHERE d.tenant_id = :tenant AND d.entity = :entity AND d.kind = 'link' AND d.rule LIKE 'model:%' AND d.withdrawn_at IS NOT NULL
 ORDER BY d.withdrawn_at DESC, d.id DESC
 LIMIT CAST(:most AS integer);
