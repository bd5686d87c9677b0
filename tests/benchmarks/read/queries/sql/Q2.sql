-- A hundred clients of some account managers by name, 10 scalars each.
SELECT json_build_object('data', json_build_object('clients', json_build_object('nodes', coalesce(json_agg(json_build_object(
           'id', id, 'name', name, 'legalName', legal_name, 'duns', duns, 'city', city, 'country', country, 'tier', tier,
           'segment', segment, 'state', state, 'updatedAt', updated_at) ORDER BY name, id), '[]'))))::text
  FROM (SELECT id, name, legal_name, duns, city, country, tier, segment, state, updated_at
          FROM golden.client
         WHERE tenant_id = $1 AND account_manager_id = ANY ($2::uuid[])
         ORDER BY name, id
         LIMIT 100) AS page
