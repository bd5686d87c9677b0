SELECT convert_to(
  (
    SELECT (
      '{"nodes":['
        || coalesce(
          string_agg(
            (
              CASE
                WHEN t1.plain_version = t1.version THEN (
                  coalesce(('{"called":"' || t1."name" || '"'), '{"called":null')
                    || coalesce((',"named":"' || t1."name" || '"'), ',"named":null')
                    || ',"id":"'
                    || t1.id::text
                    || '"'
                )
                ELSE (
                  coalesce(('{"called":' || to_json(t1."name")::text), '{"called":null')
                    || coalesce((',"named":' || to_json(t1."name")::text), ',"named":null')
                    || ',"id":"'
                    || t1.id::text
                    || '"'
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
    FROM (SELECT t2.* FROM api.client AS t2 WHERE t2."country" = $1::text ORDER BY t2."id" ASC LIMIT 20) AS t1
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
                '{"first":'
                  || '{"totalCount":'
                  || (SELECT count(*) FROM api.project AS t5 WHERE t5.client_id = t3.id)::text
                  || '}'
                  || ',"none":'
                  || (
                    SELECT (
                      '{"nodes":['
                        || coalesce(string_agg(('{"id":"' || t6.id::text || '"}'), ','), '')
                        || '],"totalCount":'
                        || (SELECT count(*) FROM api.project AS t7 WHERE t7.client_id = t3.id)::text
                        || '}'
                    )
                    FROM (SELECT t8.* FROM api.project AS t8 WHERE t8.client_id = t3.id ORDER BY t8."id" ASC LIMIT 0) AS t6
                  )
                  || '}'
              ),
              ','
            ),
            ''
          )
          || ']}'
      )
      FROM (SELECT t9.* FROM api.client AS t9 WHERE t9."country" = $2::text ORDER BY t9."id" ASC LIMIT 20) AS t3
    ),
    'UTF8'
  )
