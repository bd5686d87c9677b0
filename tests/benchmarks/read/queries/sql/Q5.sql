-- 2,000 projects in all currencies but one, 10 columns each.
SELECT json_build_object('data', json_build_object('projects', json_build_object('nodes', coalesce(json_agg(json_build_object(
           'id', id, 'code', code, 'name', name, 'kind', kind, 'billable', billable, 'startDate', start_date, 'endDate', end_date,
           'percentComplete', percent_complete, 'currency', currency, 'state', state) ORDER BY id), '[]'))))::text
  FROM (SELECT id, code, name, kind, billable, start_date, end_date, percent_complete, currency, state
          FROM golden.project
         WHERE tenant_id = $1 AND currency IS DISTINCT FROM $2
         ORDER BY id
         LIMIT 2000) AS page
