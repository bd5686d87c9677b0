SELECT convert_to(
  (
    SELECT (
      '['
        || coalesce(
          string_agg(
            (
              '{"key":{"clientKey":'
                || coalesce(('{"country":' || to_json(t1.key1)::text), '{"country":null')
                || '}},"count":'
                || t1.count::text
                || ',"sum":{"totalValue":'
                || (
                  SELECT (
                    '['
                      || coalesce(
                        string_agg(
                          (
                            coalesce(('{"amount":"' || t2.amount || '"'), '{"amount":null')
                              || coalesce(
                                (',"currency":' || to_json(t2."total_value_currency")::text), ',"currency":null'
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
                    FROM unnest(t1.parts) AS part ("total_value_currency" text, "sum.total_value" numeric)
                    WHERE part."sum.total_value" IS NOT NULL
                    GROUP BY part."total_value_currency"
                    ORDER BY part."total_value_currency"
                  ) AS t2
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
          coalesce(sum(part.count), 0)::bigint AS count,
          sum(part."sum.total_value") FILTER (WHERE part."total_value_currency" = $1::text) AS total1,
          array_agg(ROW(part."total_value_currency", part."sum.total_value")) AS parts
        FROM (
          SELECT t5."country" AS key1,
            t4."total_value_currency",
            count(*) AS count,
            sum(t4."total_value") AS "sum.total_value"
          FROM api.contract AS t4
          LEFT JOIN api.client AS t5 ON t5.id = t4.client_id
          WHERE true
          GROUP BY 1, 2
        ) AS part
        GROUP BY part.key1
      ) AS t3
      WHERE t3."total1" > $2::numeric
      ORDER BY t3.key1 NULLS LAST
      LIMIT $3::bigint OFFSET $4::bigint
    ) AS t1
  ),
  'UTF8'
),
  convert_to(
    (
      SELECT (
        '['
          || coalesce(
            string_agg(
              (
                '{"key":'
                  || coalesce(
                    (
                      '{"project":'
                        || (
                          SELECT (
                            CASE
                              WHEN t7.plain_version = t7.version THEN coalesce(
                                ('{"name":"' || t7."name" || '"'), '{"name":null'
                              )
                              ELSE coalesce(('{"name":' || to_json(t7."name")::text), '{"name":null')
                            END
                              || '}'
                          ) AS o
                          FROM api.project AS t7
                          WHERE t7.id = t6.key1
                        )
                    ),
                    '{"project":null'
                  )
                  || coalesce((',"workDate":"' || t6.key2::text || '"'), ',"workDate":null')
                  || '},"count":'
                  || t6.count::text
                  || ',"countDistinct":{"resource":'
                  || (
                    SELECT count(DISTINCT seen.value)
                    FROM unnest(t6.parts) AS part (
                      "quantity_unit" text, "sum.quantity" numeric, "n.quantity" bigint, "seen.resource_id" uuid[]
                    ),
                      unnest(part."seen.resource_id") AS seen (value)
                  )::text
                  || '},"sum":{"quantity":'
                  || (
                    SELECT (
                      '['
                        || coalesce(
                          string_agg(
                            (
                              coalesce(('{"value":"' || t8.amount || '"'), '{"value":null')
                                || coalesce((',"unit":' || to_json(t8."quantity_unit")::text), ',"unit":null')
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
                      FROM unnest(t6.parts) AS part (
                        "quantity_unit" text, "sum.quantity" numeric, "n.quantity" bigint, "seen.resource_id" uuid[]
                      )
                      WHERE part."sum.quantity" IS NOT NULL
                      GROUP BY part."quantity_unit"
                      ORDER BY part."quantity_unit"
                    ) AS t8
                  )
                  || ',"cost":null},"avg":{"quantity":'
                  || (
                    SELECT (
                      '['
                        || coalesce(
                          string_agg(
                            (
                              coalesce(('{"value":"' || t9.amount || '"'), '{"value":null')
                                || coalesce((',"unit":' || to_json(t9."quantity_unit")::text), ',"unit":null')
                                || '}'
                            ),
                            ','
                          ),
                          ''
                        )
                        || ']'
                    )
                    FROM (
                      SELECT (
                        sign(sum(part."sum.quantity")) * div(
                          abs(sum(part."sum.quantity")) * 2000000 + sum(part."n.quantity"),
                          nullif(2 * sum(part."n.quantity"), 0)
                        ) * 0.000001
                      )::text AS amount,
                        part."quantity_unit"
                      FROM unnest(t6.parts) AS part (
                        "quantity_unit" text, "sum.quantity" numeric, "n.quantity" bigint, "seen.resource_id" uuid[]
                      )
                      WHERE part."sum.quantity" IS NOT NULL
                      GROUP BY part."quantity_unit"
                      ORDER BY part."quantity_unit"
                    ) AS t9
                  )
                  || '},"max":'
                  || coalesce(('{"workDate":"' || t6."max_work_date"::text || '"'), '{"workDate":null')
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
            part.key2,
            coalesce(sum(part.count), 0)::bigint AS count,
            max(part."max.work_date") AS "max_work_date",
            sum(part."sum.quantity") FILTER (WHERE part."quantity_unit" = $5::text) AS total1,
            array_agg(ROW(part."quantity_unit", part."sum.quantity", part."n.quantity", part."seen.resource_id")) AS parts
          FROM (
            SELECT t11."project_id" AS key1,
              date_trunc('week', t11."work_date"::timestamp)::date AS key2,
              t11."quantity_unit",
              count(*) AS count,
              sum(t11."quantity") AS "sum.quantity",
              count(t11."quantity") AS "n.quantity",
              max(t11."work_date") AS "max.work_date",
              array_agg(DISTINCT t11."resource_id") FILTER (WHERE t11."resource_id" IS NOT NULL) AS "seen.resource_id"
            FROM api.time_entry AS t11
            WHERE t11."work_date" >= $6::date
            GROUP BY 1, 2, 3
          ) AS part
          GROUP BY part.key1, part.key2
        ) AS t10
        WHERE true
        ORDER BY t10.total1 DESC NULLS LAST, t10.key1 NULLS LAST, t10.key2 NULLS LAST
        LIMIT $7::bigint OFFSET $8::bigint
      ) AS t6
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
                  WHEN t12.plain_version = t12.version THEN coalesce(('{"name":"' || t12."name" || '"'), '{"name":null')
                  ELSE coalesce(('{"name":' || to_json(t12."name")::text), '{"name":null')
                END
                  || ',"contactsAggregate":'
                  || (
                    SELECT ('[' || coalesce(string_agg(('{"count":' || t13.count::text || '}'), ','), '') || ']')
                    FROM (
                      SELECT t14.*
                      FROM (SELECT count(*) AS count FROM api.contact AS t15 WHERE t15.client_id = t12.id AND true) AS t14
                      WHERE true
                      LIMIT $9::bigint OFFSET $10::bigint
                    ) AS t13
                  )
                  || ',"projectsAggregate":'
                  || (
                    SELECT (
                      '['
                        || coalesce(
                          string_agg(
                            (
                              '{"key":'
                                || coalesce(('{"managerId":"' || t16.key1::text || '"'), '{"managerId":null')
                                || coalesce(
                                  (
                                    ',"manager":'
                                      || (
                                        SELECT (
                                          CASE
                                            WHEN t17.plain_version = t17.version THEN coalesce(
                                              ('{"familyName":"' || t17."family_name" || '"'), '{"familyName":null'
                                            )
                                            ELSE coalesce(
                                              ('{"familyName":' || to_json(t17."family_name")::text),
                                              '{"familyName":null'
                                            )
                                          END
                                            || '}'
                                        ) AS o
                                        FROM api.resource AS t17
                                        WHERE t17.id = t16.key1
                                      )
                                  ),
                                  ',"manager":null'
                                )
                                || '},"count":'
                                || t16.count::text
                                || '}'
                            ),
                            ','
                          ),
                          ''
                        )
                        || ']'
                    )
                    FROM (
                      SELECT t18.*
                      FROM (
                        SELECT t19."manager_id" AS key1, count(*) AS count
                        FROM api.project AS t19
                        WHERE t19.client_id = t12.id AND true
                        GROUP BY 1
                      ) AS t18
                      WHERE true
                      ORDER BY t18.key1 NULLS LAST
                      LIMIT $11::bigint OFFSET $12::bigint
                    ) AS t16
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
        SELECT t20.*,
          (
            SELECT t20_account_manager_id."family_name"
            FROM api.resource AS t20_account_manager_id
            WHERE t20_account_manager_id.id = t20.account_manager_id
          ) AS "account_manager_id.family_name"
        FROM api.client AS t20
        WHERE true
        ORDER BY (
          SELECT t20_account_manager_id."family_name"
          FROM api.resource AS t20_account_manager_id
          WHERE t20_account_manager_id.id = t20.account_manager_id
        ) DESC NULLS LAST,
          t20."id" ASC
        LIMIT 20
      ) AS t12
    ),
    'UTF8'
  )
