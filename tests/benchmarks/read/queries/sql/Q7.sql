-- A hundred clients of a tier with some project in a state.
SELECT json_build_object('data', json_build_object('clients', json_build_object('nodes', coalesce(json_agg(json_build_object(
           'id', id, 'name', name, 'country', country, 'tier', tier, 'state', state) ORDER BY id), '[]'))))::text
  FROM (SELECT id, name, country, tier, state
          FROM golden.client
         WHERE tenant_id = $1 AND tier = $2
           AND EXISTS (SELECT FROM golden.project WHERE project.tenant_id = $1 AND project.client_id = client.id AND project.state = $3)
         ORDER BY id
         LIMIT 100) AS page
