SELECT convert_to(
  coalesce(
    (
      SELECT (
        CASE
          WHEN t1.plain_version = t1.version THEN (
            '{"id":"' || t1.id::text || '"' || coalesce((',"name":"' || t1."name" || '"'), ',"name":null')
          )
          ELSE ('{"id":"' || t1.id::text || '"' || coalesce((',"name":' || to_json(t1."name")::text), ',"name":null'))
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
  convert_to(
    coalesce(
      (
        SELECT ('{"id":"' || t2.id::text || '"}') AS o
        FROM api.client AS t2
        WHERE t2.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $2::uuid) THEN api.survivor($2::uuid) ELSE $2::uuid
        END
      ),
      'null'
    ),
    'UTF8'
  ),
  convert_to(
    coalesce(
      (
        SELECT ('{"id":"' || t3.id::text || '"}') AS o
        FROM api.client AS t3
        WHERE t3.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $3::uuid) THEN api.survivor($3::uuid) ELSE $3::uuid
        END
      ),
      'null'
    ),
    'UTF8'
  ),
  convert_to(
    ('{"totalCount":' || (SELECT count(*) FROM api.client AS t5 WHERE t5."id" = $4::uuid)::text || '}'), 'UTF8'
  )
