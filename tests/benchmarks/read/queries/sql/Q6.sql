-- Q3 with where two fields of each client come from: the winner in the lineage of its present version, and what it says.
SELECT json_build_object('data', json_build_object('clients', json_build_object('nodes', coalesce(json_agg(json_build_object(
           'id', client.id, 'name', client.name, 'country', client.country, 'state', client.state,
           'provenance', json_build_object(
               'name', CASE WHEN client.of_name IS NOT NULL THEN json_build_object(
                   'value', client.name, 'system', name_source.system, 'externalId', name_source.external_id,
                   'observedAt', coalesce(name_source.since ->> 'name', name_source.since ->> '*'), 'rule', client.of_name ->> 2) END,
               'country', CASE WHEN client.of_country IS NOT NULL THEN json_build_object(
                   'value', client.country, 'system', country_source.system, 'externalId', country_source.external_id,
                   'observedAt', coalesce(country_source.since ->> 'country', country_source.since ->> '*'), 'rule', client.of_country ->> 2) END),
           'projects', json_build_object('nodes', children.projects)) ORDER BY client.name, client.id), '[]'))))::text
  FROM (SELECT page.*, coalesce(version.lineage -> 'name', CASE WHEN page.name IS NOT NULL THEN version.lineage -> '*' END) AS of_name,
               coalesce(version.lineage -> 'country', CASE WHEN page.country IS NOT NULL THEN version.lineage -> '*' END) AS of_country
          FROM (SELECT id, version, name, country, state
                  FROM golden.client
                 WHERE tenant_id = $1 AND account_manager_id = ANY ($2::uuid[]) AND state = 'active'
                 ORDER BY name, id
                 LIMIT 100) AS page
          JOIN golden.client_version AS version ON version.tenant_id = $1 AND version.id = page.id AND version.version = page.version) AS client
  LEFT JOIN hub.source_record AS name_source ON name_source.tenant_id = $1 AND name_source.id = (client.of_name ->> 0)::bigint
  LEFT JOIN hub.source_record AS country_source ON country_source.tenant_id = $1 AND country_source.id = (client.of_country ->> 0)::bigint
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
