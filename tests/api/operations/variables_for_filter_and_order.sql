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
                || coalesce(
                  (
                    ',"client":'
                      || (
                        SELECT (
                          CASE
                            WHEN t2.plain_version = t2.version THEN coalesce(
                              ('{"name":"' || t2."name" || '"'), '{"name":null'
                            )
                            ELSE coalesce(('{"name":' || to_json(t2."name")::text), '{"name":null')
                          END
                            || '}'
                        ) AS o
                        FROM api.client AS t2
                        WHERE t2.id = t1.client_id
                      )
                  ),
                  ',"client":null'
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
      SELECT t3.*,
        (SELECT t3_client_id."name" FROM api.client AS t3_client_id WHERE t3_client_id.id = t3.client_id) AS "client_id.name"
      FROM api.contract AS t3
      WHERE (
        (EXISTS (SELECT FROM api.client AS t4 WHERE t4.id = t3.client_id AND lower(t4."name") = lower($1::text)))
          OR (t3."start_date" < $2::date AND t3."start_date" >= $3::date)
      )
        AND t3."total_value" IS NOT NULL
      ORDER BY (SELECT t3_client_id."name" FROM api.client AS t3_client_id WHERE t3_client_id.id = t3.client_id) DESC NULLS LAST,
        t3."total_value_currency" ASC,
        t3."total_value" ASC,
        t3."id" ASC
      LIMIT 2
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
                  WHEN t5.plain_version = t5.version THEN coalesce(('{"name":"' || t5."name" || '"'), '{"name":null')
                  ELSE coalesce(('{"name":' || to_json(t5."name")::text), '{"name":null')
                END
                  || '}'
              ),
              ','
            ),
            ''
          )
          || ']}'
      )
      FROM (SELECT t6.* FROM api.project AS t6 WHERE true ORDER BY t6."name" DESC NULLS LAST, t6."id" ASC LIMIT 20) AS t5
    ),
    'UTF8'
  )
