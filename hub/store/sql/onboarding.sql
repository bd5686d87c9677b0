-- Systems that are being added: how far, and the sample they are tried with.

-- every --
SELECT o.system, o.step, o.state ->> 'kind' AS kind, o.started_by, o.started_at, o.updated_by, o.updated_at,
       s.name IS NOT NULL AS is_connected
  FROM hub.onboarding o
  LEFT JOIN hub.system s ON s.tenant_id = o.tenant_id AND s.name = o.system
 WHERE o.tenant_id = :tenant
 ORDER BY o.updated_at DESC;

-- start --
-- Answers nothing when somebody is adding the system already.
INSERT INTO hub.onboarding (tenant_id, system, state, started_by, updated_by)
VALUES (:tenant, :system, :state, :actor, :actor)
ON CONFLICT DO NOTHING
RETURNING system;

-- lock --
-- Held to the end of the transaction, so that two people do not overwrite each other's step.
SELECT step, state, updated_by, updated_at FROM hub.onboarding WHERE tenant_id = :tenant AND system = :system FOR UPDATE;

-- look --
SELECT step, state, updated_by, updated_at FROM hub.onboarding WHERE tenant_id = :tenant AND system = :system;

-- keep --
UPDATE hub.onboarding
   SET state = :state, step = :step, updated_by = :actor, updated_at = clock_timestamp()
 WHERE tenant_id = :tenant AND system = :system;

-- note_load --
-- How far one object's file is; nothing else of the state is touched.
UPDATE hub.onboarding
   SET state = jsonb_set(state, ARRAY['loads', CAST(:object AS text)], CAST(:told AS jsonb)), updated_at = clock_timestamp()
 WHERE tenant_id = :tenant AND system = :system;

-- end --
DELETE FROM hub.onboarding WHERE tenant_id = :tenant AND system = :system;

-- keep_file --
INSERT INTO hub.onboarding_file (tenant_id, system, object, name, content, dialect, is_sample)
VALUES (:tenant, :system, :object, :name, :content, :dialect, :is_sample)
ON CONFLICT (tenant_id, system, object) DO UPDATE
   SET name = excluded.name, content = excluded.content, dialect = excluded.dialect, is_sample = excluded.is_sample, kept_at = now();

-- drop_file --
DELETE FROM hub.onboarding_file WHERE tenant_id = :tenant AND system = :system AND object = :object;

-- files --
SELECT object, name, octet_length(content) AS size_bytes, dialect, is_sample, kept_at
  FROM hub.onboarding_file
 WHERE tenant_id = :tenant AND system = :system
 ORDER BY kept_at, object;

-- file --
SELECT object, name, content, dialect, is_sample
  FROM hub.onboarding_file
 WHERE tenant_id = :tenant AND system = :system AND object = :object;
