SELECT convert_to(
  coalesce(
    (
      SELECT (
        CASE
          WHEN t1.plain_version = t1.version THEN coalesce(('{"name":"' || t1."name" || '"'), '{"name":null')
          ELSE coalesce(('{"name":' || to_json(t1."name")::text), '{"name":null')
        END
          || '}'
      ) AS o
      FROM api.client AS t1
      WHERE t1.id = CASE
        WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
      END
    ),
    'null'
  ),
  'UTF8'
),
  convert_to(('{"totalCount":' || (SELECT count(*) FROM api.client AS t3 WHERE true)::text || '}'), 'UTF8'),
  convert_to(
    (
      SELECT ('[' || coalesce(string_agg(('{"count":' || t4.count::text || '}'), ','), '') || ']')
      FROM (
        SELECT t5.*
        FROM (SELECT count(*) AS count FROM api.contact AS t6 WHERE true) AS t5
        WHERE true
        LIMIT $2::bigint OFFSET $3::bigint
      ) AS t4
    ),
    'UTF8'
  ),
  convert_to(
    coalesce(
      (
        SELECT (
          '{"projects":'
            || (
              SELECT (
                '{"nodes":['
                  || coalesce(
                    string_agg(
                      (
                        CASE
                          WHEN t8.plain_version = t8.version THEN coalesce(
                            ('{"code":"' || t8."code" || '"'), '{"code":null'
                          )
                          ELSE coalesce(('{"code":' || to_json(t8."code")::text), '{"code":null')
                        END
                          || '}'
                      ),
                      ','
                    ),
                    ''
                  )
                  || ']}'
              )
              FROM (SELECT t9.* FROM api.project AS t9 WHERE t9.client_id = t7.id ORDER BY t9."id" ASC LIMIT 1) AS t8
            )
            || '}'
        ) AS o
        FROM api.client AS t7
        WHERE t7.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $4::uuid) THEN api.survivor($4::uuid) ELSE $4::uuid
        END
      ),
      'null'
    ),
    'UTF8'
  ),
  convert_to(
    coalesce(
      (
        SELECT ('{"id":"' || t10.id::text || '"}') AS o
        FROM api.contact AS t10
        WHERE t10.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $5::uuid) THEN api.survivor($5::uuid) ELSE $5::uuid
        END
      ),
      'null'
    ),
    'UTF8'
  )
