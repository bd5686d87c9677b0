SELECT convert_to(
  (
    SELECT (
      '{"nodes":['
        || coalesce(
          string_agg(
            (
              CASE
                WHEN t1.plain_version = t1.version THEN coalesce(
                  ('{"contractNo":"' || t1."contract_no" || '"'), '{"contractNo":null'
                )
                ELSE coalesce(('{"contractNo":' || to_json(t1."contract_no")::text), '{"contractNo":null')
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
      FROM api.contract AS t2
      WHERE t2."terms_version" > $1::bigint AND t2."terms_version" <= $2::bigint
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
        WHERE t4."terms_version" = ANY ((SELECT $3::bigint[])::bigint[])
        ORDER BY t4."id" ASC
        LIMIT 20
      ) AS t3
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
      FROM (SELECT t6.* FROM api.project AS t6 WHERE t6."billable" = $4::boolean ORDER BY t6."id" ASC LIMIT 20) AS t5
    ),
    'UTF8'
  ),
  convert_to(
    (
      '{"totalCount":'
        || (SELECT count(*) FROM api.time_entry AS t8 WHERE t8."work_date" >= $5::date AND t8."work_date" <= $6::date)::text
        || '}'
    ),
    'UTF8'
  ),
  convert_to(
    (
      '{"totalCount":'
        || (SELECT count(*) FROM api.contract AS t10 WHERE t10."start_date" IS DISTINCT FROM $7::date)::text
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
                coalesce(
                  (
                    '{"approvedAt":"'
                      || to_char(t11."approved_at" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
                      || '"'
                  ),
                  '{"approvedAt":null'
                )
                  || '}'
              ),
              ','
            ),
            ''
          )
          || ']}'
      )
      FROM (
        SELECT t12.* FROM api.time_entry AS t12 WHERE t12."approved_at" < $8::timestamptz ORDER BY t12."id" ASC LIMIT 20
      ) AS t11
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
                  WHEN t13.plain_version = t13.version THEN coalesce(('{"name":"' || t13."name" || '"'), '{"name":null')
                  ELSE coalesce(('{"name":' || to_json(t13."name")::text), '{"name":null')
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
        SELECT t14.*
        FROM api.client AS t14
        WHERE t14."created_at" <= $9::timestamptz
          AND t14."updated_at" > $10::timestamptz
          AND t14."version" = $11::integer
          AND t14."record_state" = $12::text
        ORDER BY t14."id" ASC
        LIMIT 20
      ) AS t13
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
                coalesce(
                  ('{"percentComplete":"' || trim_scale(t15."percent_complete")::text || '"'), '{"percentComplete":null'
                )
                  || '}'
              ),
              ','
            ),
            ''
          )
          || ']}'
      )
      FROM (
        SELECT t16.* FROM api.project AS t16 WHERE t16."percent_complete" >= $13::numeric ORDER BY t16."id" ASC LIMIT 20
      ) AS t15
    ),
    'UTF8'
  )
