-- A hundred of their active clients, each with up to five projects, each with its contract.
SELECT json_build_object('data', json_build_object('clients', json_build_object('nodes', coalesce(json_agg(json_build_object(
           'id', client.id, 'name', client.name, 'country', client.country, 'state', client.state,
           'projects', json_build_object('nodes', children.projects)) ORDER BY client.name, client.id), '[]'))))::text
  FROM (SELECT id, name, country, state
          FROM golden.client
         WHERE tenant_id = $1 AND account_manager_id = ANY ($2::uuid[]) AND state = 'active'
         ORDER BY name, id
         LIMIT 100) AS client
 CROSS JOIN LATERAL (
       SELECT coalesce(json_agg(json_build_object(
                  'code', project.code, 'name', project.name, 'state', project.state,
                  'contract', CASE WHEN contract.id IS NOT NULL THEN json_build_object(
                      'contractNo', contract.contract_no, 'name', contract.name, 'currency', contract.currency) END)
                  ORDER BY project.code, project.id), '[]') AS projects
         FROM (SELECT id, code, name, state, contract_id
                 FROM golden.project
                WHERE tenant_id = $1 AND client_id = client.id
                ORDER BY code, id
                LIMIT 5) AS project
         LEFT JOIN golden.contract AS contract ON contract.tenant_id = $1 AND contract.id = project.contract_id) AS children
