SELECT convert_to(
  (
    SELECT (
      '{"nodes":['
        || coalesce(
          string_agg(
            (
              CASE
                WHEN t1.plain_version = t1.version THEN (
                  '{"id":"'
                    || t1.id::text
                    || '"'
                    || coalesce((',"country":"' || t1."country" || '"'), ',"country":null')
                )
                ELSE (
                  '{"id":"'
                    || t1.id::text
                    || '"'
                    || coalesce((',"country":' || to_json(t1."country")::text), ',"country":null')
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
    FROM (SELECT t2.* FROM api.client AS t2 WHERE true ORDER BY t2."id" ASC LIMIT 1) AS t1
  ),
  'UTF8'
),
  convert_to(('{"totalCount":' || (SELECT count(*) FROM api.contract AS t4 WHERE true)::text || '}'), 'UTF8')
