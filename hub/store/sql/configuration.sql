-- What a tenant has configured.

-- config_version --
SELECT config_version FROM hub.tenant WHERE id = :tenant;

-- bump_config --
UPDATE hub.tenant SET config_version = config_version + 1 WHERE id = :tenant RETURNING config_version;

-- tenant_settings --
SELECT settings FROM hub.tenant WHERE id = :tenant;

-- tenants --
SELECT id, slug FROM hub.tenant ORDER BY id;

-- systems --
SELECT name, kind, rank, connector, corrects, loading, paused, go_live::text, coalesce(config ->> 'context', '') AS context
  FROM hub.system
 WHERE tenant_id = :tenant;

-- code_maps --
SELECT system, code_set, theirs, ours, direction, is_default
  FROM hub.code_map
 WHERE tenant_id = :tenant
 ORDER BY system, code_set, theirs;

-- mappings --
SELECT DISTINCT ON (system) system, version, document
  FROM hub.mapping
 WHERE tenant_id = :tenant
 ORDER BY system, version DESC;

-- policy --
SELECT id, document FROM hub.policy WHERE tenant_id = :tenant ORDER BY id DESC LIMIT 1;

-- extension_fields --
SELECT entity, name, kind FROM hub.extension_field WHERE tenant_id = :tenant;

-- put_system --
INSERT INTO hub.system AS s (tenant_id, name, kind, rank, connector, config, corrects, loading, go_live)
VALUES (:tenant, :name, :kind, :rank, :connector, :config, :corrects, :loading, CAST(CAST(:go_live AS text) AS date))
ON CONFLICT (tenant_id, name) DO UPDATE
   SET kind = excluded.kind, rank = excluded.rank, connector = excluded.connector, config = excluded.config,
       corrects = excluded.corrects, loading = excluded.loading, go_live = excluded.go_live;

-- forget_system --
WITH stood AS (
    SELECT config FROM hub.system WHERE tenant_id = :tenant AND name = :system AND connector <> '' FOR UPDATE
), forgotten AS (
    UPDATE hub.system y
       SET connector = '', config = '{}', secrets = NULL, paused = false
      FROM stood
     WHERE y.tenant_id = :tenant AND y.name = :system
), unpolled AS (
    DELETE FROM hub.checkpoint c USING stood WHERE c.tenant_id = :tenant AND c.system = :system
)
SELECT config FROM stood;

-- put_code --
INSERT INTO hub.code_map (tenant_id, system, code_set, theirs, ours, direction, is_default)
SELECT :tenant, g.system, g.code_set, g.theirs, g.ours, coalesce(g.direction, 'both'), coalesce(g.is_default, false)
  FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS g (
       system text, code_set text, theirs text, ours text, direction text, is_default boolean)
ON CONFLICT (tenant_id, system, code_set, theirs) DO UPDATE
   SET ours = excluded.ours, direction = excluded.direction, is_default = excluded.is_default;

-- unset_defaults --
-- One of theirs is written for one of ours: what was until now, where one of these rows is from now on.
UPDATE hub.code_map c
   SET is_default = false
  FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS g (system text, code_set text, theirs text, ours text, is_default boolean)
 WHERE c.tenant_id = :tenant AND c.system = g.system AND c.code_set = g.code_set AND c.ours = g.ours AND c.theirs <> g.theirs
   AND c.is_default AND g.is_default
RETURNING c.theirs;

-- put_mapping --
INSERT INTO hub.mapping (tenant_id, system, version, document)
SELECT :tenant, :system, 1 + coalesce(max(version), 0), :document
  FROM hub.mapping
 WHERE tenant_id = :tenant AND system = :system
RETURNING version;

-- put_policy --
INSERT INTO hub.policy (tenant_id, document, reason, actor) VALUES (:tenant, :document, :reason, :actor) RETURNING id;

-- put_extension_field --
INSERT INTO hub.extension_field (tenant_id, entity, name, kind, options) VALUES (:tenant, :entity, :name, :kind, :options)
ON CONFLICT (tenant_id, entity, name) DO UPDATE SET options = excluded.options;

-- put_setting --
UPDATE hub.tenant
   SET settings = jsonb_set(settings, ARRAY[CAST(:name AS text)], CAST(:document AS jsonb))
 WHERE id = :tenant;
