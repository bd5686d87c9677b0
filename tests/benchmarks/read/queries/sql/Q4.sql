-- The projects of some managers, counted by state.
SELECT json_build_object('data', json_build_object('projectsAggregate', coalesce(json_agg(json_build_object(
           'key', json_build_object('state', state), 'count', count) ORDER BY state), '[]')))::text
  FROM (SELECT state, count(*) AS count
          FROM golden.project
         WHERE tenant_id = $1 AND manager_id = ANY ($2::uuid[])
         GROUP BY state) AS groups
