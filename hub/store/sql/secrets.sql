-- Rows that hold secrets, a page at a time in the order of their keys: those sealed under another key than the one that begins so.

-- system_others --
SELECT tenant_id, name AS row_id, secrets AS sealed
  FROM hub.system
 WHERE secrets IS NOT NULL AND (tenant_id, name) > (:tenant, CAST(:row_id AS text))
   AND substr(secrets, 1, length(CAST(:begins AS bytea))) IS DISTINCT FROM nullif(CAST(:begins AS bytea), '')
 ORDER BY tenant_id, name
 LIMIT CAST(:most AS integer)
   FOR UPDATE;

-- system_put --
UPDATE hub.system s
   SET secrets = g.sealed
  FROM unnest(CAST(:tenants AS integer[]), CAST(:row_ids AS text[]), CAST(:sealed AS bytea[])) AS g (tenant_id, row_id, sealed)
 WHERE s.tenant_id = g.tenant_id AND s.name = g.row_id;

-- subscription_others --
SELECT tenant_id, CAST(id AS text) AS row_id, secret AS sealed
  FROM hub.subscription
 WHERE secret IS NOT NULL AND (tenant_id, CAST(id AS text)) > (:tenant, CAST(:row_id AS text))
   AND substr(secret, 1, length(CAST(:begins AS bytea))) IS DISTINCT FROM nullif(CAST(:begins AS bytea), '')
 ORDER BY tenant_id, CAST(id AS text)
 LIMIT CAST(:most AS integer)
   FOR UPDATE;

-- subscription_put --
UPDATE hub.subscription s
   SET secret = g.sealed
  FROM unnest(CAST(:tenants AS integer[]), CAST(:row_ids AS text[]), CAST(:sealed AS bytea[])) AS g (tenant_id, row_id, sealed)
 WHERE s.tenant_id = g.tenant_id AND s.id = CAST(g.row_id AS uuid);

-- seal_key_others --
SELECT tenant_id, key_id AS row_id, secret AS sealed
  FROM hub.seal_key
 WHERE (tenant_id, key_id) > (:tenant, CAST(:row_id AS text))
   AND substr(secret, 1, length(CAST(:begins AS bytea))) IS DISTINCT FROM nullif(CAST(:begins AS bytea), '')
 ORDER BY tenant_id, key_id
 LIMIT CAST(:most AS integer)
   FOR UPDATE;

-- seal_key_put --
UPDATE hub.seal_key s
   SET secret = g.sealed
  FROM unnest(CAST(:tenants AS integer[]), CAST(:row_ids AS text[]), CAST(:sealed AS bytea[])) AS g (tenant_id, row_id, sealed)
 WHERE s.tenant_id = g.tenant_id AND s.key_id = g.row_id;
