SELECT convert_to(('{"totalCount":' || (SELECT count(*) FROM api.client AS t2 WHERE true)::text || '}'), 'UTF8'),
  convert_to(
    (
      SELECT (
        '{"nodes":['
          || coalesce(
            string_agg(
              (
                CASE
                  WHEN t3.plain_version = t3.version THEN coalesce(('{"code":"' || t3."code" || '"'), '{"code":null')
                  ELSE coalesce(('{"code":' || to_json(t3."code")::text), '{"code":null')
                END
                  || '}'
              ),
              ','
            ),
            ''
          )
          || ']}'
      )
      FROM (SELECT t4.* FROM api.project AS t4 WHERE true ORDER BY t4."code" ASC, t4."id" ASC LIMIT 1) AS t3
    ),
    'UTF8'
  )
