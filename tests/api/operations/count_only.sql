SELECT convert_to(('{"totalCount":' || (SELECT count(*) FROM api.client AS t2 WHERE true)::text || '}'), 'UTF8'),
  convert_to(
    coalesce(
      (
        SELECT (
          '{"projects":'
            || '{"totalCount":'
            || (SELECT count(*) FROM api.project AS t5 WHERE t5.client_id = t3.id)::text
            || '}'
            || ',"contracts":'
            || '{"totalCount":'
            || (
              SELECT count(*)
              FROM api.contract AS t7
              WHERE t7.client_id = t3.id AND t7."total_value_currency" = $2::text AND t7."total_value" < $3::numeric
            )::text
            || '}'
            || '}'
        ) AS o
        FROM api.client AS t3
        WHERE t3.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      ),
      'null'
    ),
    'UTF8'
  )
