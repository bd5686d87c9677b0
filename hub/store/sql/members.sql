-- The people of a tenant, and the keys they use.

-- all --
SELECT m.id, m.name, m.email, m.teams, m.regions, m.legal_entities, m.is_away, m.delegate_id, m.is_active,
       coalesce(array_agg(a.actor) FILTER (WHERE a.actor IS NOT NULL), '{}') AS actors
  FROM hub.member m
  LEFT JOIN hub.member_actor a ON a.tenant_id = m.tenant_id AND a.member_id = m.id
 WHERE m.tenant_id = :tenant
 GROUP BY m.tenant_id, m.id
 ORDER BY m.name;

-- names --
-- What the people behind keys are called.
SELECT a.actor, m.name
  FROM hub.member_actor a
  JOIN hub.member m ON m.tenant_id = a.tenant_id AND m.id = a.member_id
 WHERE a.tenant_id = :tenant;

-- put --
-- Take up a person, or say anew what is said of them.
INSERT INTO hub.member AS m (tenant_id, id, name, email, teams, regions, legal_entities, is_away, delegate_id, is_active, made_by)
VALUES (:tenant, :id, :name, :email, CAST(:teams AS text[]), CAST(:regions AS text[]), CAST(:legal_entities AS uuid[]), :is_away,
        :delegate_id, :is_active, :actor)
ON CONFLICT (tenant_id, id) DO UPDATE
   SET name = excluded.name, email = excluded.email, teams = excluded.teams, regions = excluded.regions,
       legal_entities = excluded.legal_entities, is_away = excluded.is_away, delegate_id = excluded.delegate_id,
       is_active = excluded.is_active, updated_at = clock_timestamp();

-- forget_actors --
DELETE FROM hub.member_actor WHERE tenant_id = :tenant AND member_id = :id AND NOT (actor = ANY (CAST(:actors AS text[])));

-- put_actors --
-- Whose key is whose. One that was another member's becomes this one's.
INSERT INTO hub.member_actor (tenant_id, actor, member_id)
SELECT :tenant, actor, :id FROM unnest(CAST(:actors AS text[])) AS a (actor)
ON CONFLICT (tenant_id, actor) DO UPDATE SET member_id = excluded.member_id;
