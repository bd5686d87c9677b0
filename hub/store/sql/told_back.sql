-- What connected systems' records were told of other systems: their ids, in fields that mappings name under tell_back.

-- of_records --
SELECT t.object, t.external_id, t.told
  FROM unnest(CAST(:objects AS text[]), CAST(:external_ids AS text[])) AS g (object, external_id)
  JOIN hub.told_back t ON t.tenant_id = :tenant AND t.system = :system AND t.object = g.object AND t.external_id = g.external_id;

-- store --
INSERT INTO hub.told_back AS t (tenant_id, system, object, external_id, told)
SELECT :tenant, g.system, g.object, g.external_id, g.told
  FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS g (system text, object text, external_id text, told jsonb)
 ORDER BY g.system, g.object, g.external_id
ON CONFLICT (tenant_id, system, object, external_id) DO UPDATE
   SET told = t.told || excluded.told, told_at = clock_timestamp();
