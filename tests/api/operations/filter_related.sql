SELECT convert_to(
  ('{"totalCount":' || (SELECT count(*) FROM api.project AS t2 WHERE t2."manager_id" = $1::uuid)::text || '}'), 'UTF8'
),
  convert_to(
    (
      '{"totalCount":'
        || (SELECT count(*) FROM api.project AS t4 WHERE t4."client_id" = ANY ((SELECT $2::uuid[])::uuid[]))::text
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
                  WHEN t5.plain_version = t5.version THEN coalesce(('{"code":"' || t5."code" || '"'), '{"code":null')
                  ELSE coalesce(('{"code":' || to_json(t5."code")::text), '{"code":null')
                END
                  || '}'
              ),
              ','
            ),
            ''
          )
          || ']}'
      )
      FROM (SELECT t6.* FROM api.project AS t6 WHERE t6."client_id" IS NULL ORDER BY t6."id" ASC LIMIT 20) AS t5
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
                  WHEN t7.plain_version = t7.version THEN coalesce(('{"code":"' || t7."code" || '"'), '{"code":null')
                  ELSE coalesce(('{"code":' || to_json(t7."code")::text), '{"code":null')
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
        FROM api.project AS t8
        WHERE EXISTS (SELECT FROM api.client AS t9 WHERE t9.id = t8.client_id AND t9."country" = $3::text)
        ORDER BY t8."id" ASC
        LIMIT 20
      ) AS t7
    ),
    'UTF8'
  ),
  convert_to(
    (
      SELECT (
        '{"nodes":['
          || coalesce(
            string_agg((coalesce(('{"workDate":"' || t10."work_date"::text || '"'), '{"workDate":null') || '}'), ','),
            ''
          )
          || ']}'
      )
      FROM (
        SELECT t11.*
        FROM api.time_entry AS t11
        WHERE EXISTS (
          SELECT
          FROM api.project AS t12
          WHERE t12.id = t11.project_id
            AND EXISTS (
              SELECT
              FROM api.client AS t13
              WHERE t13.id = t12.client_id
                AND lower(t13."name") ~>=~ lower($4::text)
                AND lower(t13."name") ~<~ (lower($4::text) || chr(1114111))
                AND starts_with(lower(t13."name"), lower($4::text))
            )
        )
        ORDER BY t11."id" ASC
        LIMIT 20
      ) AS t10
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
                  WHEN t14.plain_version = t14.version THEN coalesce(('{"name":"' || t14."name" || '"'), '{"name":null')
                  ELSE coalesce(('{"name":' || to_json(t14."name")::text), '{"name":null')
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
        SELECT t15.*
        FROM api.client AS t15
        WHERE EXISTS (
          SELECT
          FROM api.contract AS t16
          WHERE t16.client_id = t15.id AND t16."total_value_currency" = $5::text AND t16."total_value" < $6::numeric
        )
        ORDER BY t15."id" ASC
        LIMIT 20
      ) AS t14
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
                  WHEN t17.plain_version = t17.version THEN coalesce(('{"name":"' || t17."name" || '"'), '{"name":null')
                  ELSE coalesce(('{"name":' || to_json(t17."name")::text), '{"name":null')
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
        SELECT t18.*
        FROM api.client AS t18
        WHERE EXISTS (SELECT FROM api.project AS t19 WHERE t19.client_id = t18.id AND true)
          AND NOT EXISTS (
            SELECT FROM api.project AS t20 WHERE t20.client_id = t18.id AND (t20."start_date" IS NOT NULL) IS NOT TRUE
          )
        ORDER BY t18."id" ASC
        LIMIT 20
      ) AS t17
    ),
    'UTF8'
  ),
  convert_to(
    (
      '{"totalCount":'
        || (
          SELECT count(*)
          FROM api.client AS t22
          WHERE NOT EXISTS (SELECT FROM api.project AS t23 WHERE t23.client_id = t22.id AND true)
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
                  WHEN t24.plain_version = t24.version THEN coalesce(('{"name":"' || t24."name" || '"'), '{"name":null')
                  ELSE coalesce(('{"name":' || to_json(t24."name")::text), '{"name":null')
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
        SELECT t25.*
        FROM api.client AS t25
        WHERE EXISTS (
          SELECT
          FROM api.project AS t26
          WHERE t26.client_id = t25.id
            AND NOT EXISTS (
              SELECT
              FROM api.time_entry AS t27
              WHERE t27.project_id = t26.id AND (t27."billable" = $7::boolean) IS NOT TRUE
            )
            AND EXISTS (SELECT FROM api.time_entry AS t28 WHERE t28.project_id = t26.id AND true)
        )
        ORDER BY t25."id" ASC
        LIMIT 20
      ) AS t24
    ),
    'UTF8'
  )
