SELECT convert_to(('{"totalCount":' || (SELECT count(*) FROM api.contract AS t2 WHERE true)::text || '}'), 'UTF8'),
  convert_to(
    (
      SELECT (
        '{"nodes":['
          || coalesce(
            string_agg(
              (
                CASE
                  WHEN t3.plain_version = t3.version THEN coalesce(
                    ('{"contractNo":"' || t3."contract_no" || '"'), '{"contractNo":null'
                  )
                  ELSE coalesce(('{"contractNo":' || to_json(t3."contract_no")::text), '{"contractNo":null')
                END
                  || '}'
              ),
              ','
            ),
            ''
          )
          || ']}'
      )
      FROM (
        SELECT t4.*
        FROM api.contract AS t4
        WHERE lower(t4."contract_no") = ANY (ARRAY(SELECT lower(v) FROM unnest((SELECT $1::text[])::text[]) AS v))
          AND t4."contract_no" = ANY ((SELECT $1::text[])::text[])
        ORDER BY t4."contract_no" ASC, t4."id" ASC
        LIMIT 20
      ) AS t3
    ),
    'UTF8'
  ),
  convert_to(('{"totalCount":' || (SELECT count(*) FROM api.rate_line AS t6 WHERE true)::text || '}'), 'UTF8')
