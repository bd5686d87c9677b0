SELECT convert_to(
  (
    SELECT (
      '{"nodes":['
        || coalesce(
          string_agg(
            (
              CASE
                WHEN t1.plain_version = t1.version THEN (
                  coalesce(('{"name":"' || t1."name" || '"'), '{"name":null')
                    || ',"extra":'
                    || coalesce(t1.extra::text, '{}')
                )
                ELSE (
                  coalesce(('{"name":' || to_json(t1."name")::text), '{"name":null')
                    || ',"extra":'
                    || coalesce(t1.extra::text, '{}')
                )
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
      SELECT t2.*
      FROM api.client AS t2
      WHERE t2."extra" @> $1::jsonb AND t2."extra" @> $2::jsonb
      ORDER BY t2."id" ASC
      LIMIT 20
    ) AS t1
  ),
  'UTF8'
),
  convert_to(
    (
      SELECT (
        '{"nodes":['
          || coalesce(
            string_agg((coalesce(('{"aliases":' || (t3."aliases")::text), '{"aliases":null') || '}'), ','), ''
          )
          || ']}'
      )
      FROM (SELECT t4.* FROM api.client AS t4 WHERE t4."aliases" @> $3::jsonb ORDER BY t4."id" ASC LIMIT 20) AS t3
    ),
    'UTF8'
  ),
  convert_to(
    (
      SELECT (
        '{"nodes":['
          || coalesce(
            string_agg(
              (
                CASE
                  WHEN t5.plain_version = t5.version THEN coalesce(
                    ('{"lineNo":"' || t5."line_no" || '"'), '{"lineNo":null'
                  )
                  ELSE coalesce(('{"lineNo":' || to_json(t5."line_no")::text), '{"lineNo":null')
                END
                  || '}'
              ),
              ','
            ),
            ''
          )
          || ']}'
      )
      FROM (SELECT t6.* FROM api.contract_line AS t6 WHERE t6."funding" @> $4::jsonb ORDER BY t6."id" ASC LIMIT 20) AS t5
    ),
    'UTF8'
  ),
  convert_to(
    ('{"totalCount":' || (SELECT count(*) FROM api.client AS t8 WHERE t8."aliases" IS NULL)::text || '}'), 'UTF8'
  )
