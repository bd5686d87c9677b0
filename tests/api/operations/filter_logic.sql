SELECT convert_to(
  (
    SELECT (
      '{"nodes":['
        || coalesce(
          string_agg(
            (
              CASE
                WHEN t1.plain_version = t1.version THEN coalesce(('{"name":"' || t1."name" || '"'), '{"name":null')
                ELSE coalesce(('{"name":' || to_json(t1."name")::text), '{"name":null')
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
      WHERE t2."country" = $1::text AND lower(t2."name") = lower($2::text) AND t2."name" = $2::text
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
            string_agg(
              (
                CASE
                  WHEN t3.plain_version = t3.version THEN coalesce(('{"name":"' || t3."name" || '"'), '{"name":null')
                  ELSE coalesce(('{"name":' || to_json(t3."name")::text), '{"name":null')
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
        FROM api.client AS t4
        WHERE ((t4."country" = $3::text) OR (lower(t4."name") = lower($4::text) AND t4."name" = $4::text))
        ORDER BY t4."name" ASC, t4."id" ASC
        LIMIT 20
      ) AS t3
    ),
    'UTF8'
  ),
  convert_to(
    (
      '{"totalCount":'
        || (
          SELECT count(*)
          FROM api.client AS t6
          WHERE ((lower(t6."name") = lower($5::text) AND t6."name" = $5::text) IS NOT TRUE)
        )::text
        || '}'
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
                  WHEN t7.plain_version = t7.version THEN coalesce(('{"name":"' || t7."name" || '"'), '{"name":null')
                  ELSE coalesce(('{"name":' || to_json(t7."name")::text), '{"name":null')
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
        SELECT t8.*
        FROM api.client AS t8
        WHERE (
          (
            (
              (t8."country" IS NULL)
                OR (
                  t8."blocked" = $6::boolean
                    AND ((lower(t8."name") = lower($7::text) AND t8."name" = $7::text) IS NOT TRUE)
                )
            )
          ) IS NOT TRUE
        )
        ORDER BY t8."id" ASC
        LIMIT 20
      ) AS t7
    ),
    'UTF8'
  ),
  convert_to(('{"totalCount":' || (SELECT count(*) FROM api.client AS t10 WHERE (false))::text || '}'), 'UTF8'),
  convert_to(('{"totalCount":' || (SELECT count(*) FROM api.client AS t12 WHERE true)::text || '}'), 'UTF8')
