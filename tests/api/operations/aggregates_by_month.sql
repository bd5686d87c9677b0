SELECT convert_to(
  (
    SELECT (
      '['
        || coalesce(
          string_agg(
            (
              '{"key":'
                || coalesce(('{"workDate":"' || t1.key1::text || '"'), '{"workDate":null')
                || ',"projectKey":{"client":null,"clientKey":'
                || coalesce(('{"name":' || to_json(t1.key2)::text), '{"name":null')
                || '}}},"count":'
                || t1.count::text
                || ',"sum":{"quantity":'
                || (
                  SELECT (
                    '['
                      || coalesce(
                        string_agg(
                          (
                            coalesce(('{"value":"' || t2.amount || '"'), '{"value":null')
                              || coalesce((',"unit":' || to_json(t2."quantity_unit")::text), ',"unit":null')
                              || '}'
                          ),
                          ','
                        ),
                        ''
                      )
                      || ']'
                  )
                  FROM (
                    SELECT trim_scale(sum(part."sum.quantity"))::text AS amount, part."quantity_unit"
                    FROM unnest(t1.parts) AS part ("quantity_unit" text, "sum.quantity" numeric)
                    WHERE part."sum.quantity" IS NOT NULL
                    GROUP BY part."quantity_unit"
                    ORDER BY part."quantity_unit"
                  ) AS t2
                )
                || ',"cost":null},"max":'
                || coalesce(
                  (
                    '{"approvedAt":"'
                      || to_char(t1."max_approved_at" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
                      || '"'
                  ),
                  '{"approvedAt":null'
                )
                || '}}'
            ),
            ','
          ),
          ''
        )
        || ']'
    )
    FROM (
      SELECT t3.*
      FROM (
        SELECT part.key1,
          part.key2,
          coalesce(sum(part.count), 0)::bigint AS count,
          max(part."max.approved_at") AS "max_approved_at",
          array_agg(ROW(part."quantity_unit", part."sum.quantity")) AS parts
        FROM (
          SELECT date_trunc('month', t4."work_date"::timestamp)::date AS key1,
            t6."name" AS key2,
            t4."quantity_unit",
            count(*) AS count,
            sum(t4."quantity") AS "sum.quantity",
            max(t4."approved_at") AS "max.approved_at"
          FROM api.time_entry AS t4
          LEFT JOIN api.project AS t5 ON t5.id = t4.project_id
          LEFT JOIN api.client AS t6 ON t6.id = t5.client_id
          WHERE true
          GROUP BY 1, 2, 3
        ) AS part
        GROUP BY part.key1, part.key2
      ) AS t3
      WHERE t3."count" >= $1::bigint
      ORDER BY t3.count DESC NULLS LAST, t3.key1 NULLS LAST, t3.key2 NULLS LAST
      LIMIT $2::bigint OFFSET $3::bigint
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
                  WHEN t7.plain_version = t7.version THEN coalesce(('{"name":"' || t7."name" || '"'), '{"name":null')
                  ELSE coalesce(('{"name":' || to_json(t7."name")::text), '{"name":null')
                END
                  || ',"contractsAggregate":'
                  || (
                    SELECT (
                      '['
                        || coalesce(
                          string_agg(
                            (
                              '{"key":'
                                || coalesce(
                                  ('{"totalValueCurrency":' || to_json(t8.key1)::text), '{"totalValueCurrency":null'
                                )
                                || '},"count":'
                                || t8.count::text
                                || ',"sum":{"totalValue":'
                                || (
                                  SELECT (
                                    '['
                                      || coalesce(
                                        string_agg(
                                          (
                                            coalesce(('{"amount":"' || t9.amount || '"'), '{"amount":null')
                                              || coalesce(
                                                (',"currency":' || to_json(t9."total_value_currency")::text),
                                                ',"currency":null'
                                              )
                                              || '}'
                                          ),
                                          ','
                                        ),
                                        ''
                                      )
                                      || ']'
                                  )
                                  FROM (
                                    SELECT (sum(part."sum.total_value"))::text AS amount, part."total_value_currency"
                                    FROM unnest(t8.parts) AS part (
                                      "total_value_currency" text, "sum.total_value" numeric
                                    )
                                    WHERE part."sum.total_value" IS NOT NULL
                                    GROUP BY part."total_value_currency"
                                    ORDER BY part."total_value_currency"
                                  ) AS t9
                                )
                                || '}}'
                            ),
                            ','
                          ),
                          ''
                        )
                        || ']'
                    )
                    FROM (
                      SELECT t10.*
                      FROM (
                        SELECT part.key1,
                          coalesce(sum(part.count), 0)::bigint AS count,
                          array_agg(ROW(part."total_value_currency", part."sum.total_value")) AS parts
                        FROM (
                          SELECT t11."total_value_currency" AS key1,
                            t11."total_value_currency",
                            count(*) AS count,
                            sum(t11."total_value") AS "sum.total_value"
                          FROM api.contract AS t11
                          WHERE t11.client_id = t7.id AND t11."start_date" >= $4::date
                          GROUP BY 1, 2
                        ) AS part
                        GROUP BY part.key1
                      ) AS t10
                      WHERE true
                      ORDER BY t10.key1 NULLS LAST
                      LIMIT $5::bigint OFFSET $6::bigint
                    ) AS t8
                  )
                  || '}'
              ),
              ','
            ),
            ''
          )
          || ']}'
      )
      FROM (SELECT t12.* FROM api.client AS t12 WHERE true ORDER BY t12."name" ASC, t12."id" ASC LIMIT 20) AS t7
    ),
    'UTF8'
  )
