-- A tenant's configuration, to be laid over another environment's.

-- systems --
SELECT s.name, s.kind, s.connector, s.rank, s.corrects, s.go_live::text AS go_live, s.deep_links, s.config, m.document
  FROM hub.system s
  LEFT JOIN LATERAL (
       SELECT document FROM hub.mapping m
        WHERE m.tenant_id = s.tenant_id AND m.system = s.name
        ORDER BY m.version DESC
        LIMIT 1) AS m ON true
 WHERE s.tenant_id = :tenant
 ORDER BY s.name;

-- codes --
SELECT code_set, theirs, ours, direction, is_default
  FROM hub.code_map
 WHERE tenant_id = :tenant AND system = :system
 ORDER BY code_set, theirs;

-- modes --
SELECT entity, field_group, mode
  FROM hub.mode
 WHERE tenant_id = :tenant AND system = :system
 ORDER BY entity, field_group;

-- subscriptions --
SELECT name, kind, system, url, topic, filter, payload, coalesces, retry_s
  FROM hub.subscription
 WHERE tenant_id = :tenant AND state <> 'disabled' AND kind <> 'pull'
 ORDER BY name;

-- has_records --
SELECT EXISTS (SELECT FROM hub.source_record WHERE tenant_id = :tenant AND entity = ANY (CAST(:entities AS text[])));
