SELECT convert_to(
  (
    SELECT (
      '['
        || coalesce(
          string_agg(
            (
              '{"count":'
                || t1.count::text
                || ',"countDistinct":{"client":'
                || (
                  SELECT count(DISTINCT seen.value)
                  FROM unnest(t1.parts) AS part (
                    "total_value_currency" text, "sum.total_value" numeric, "n.total_value" bigint,
                    "max.total_value" numeric, "seen.client_id" uuid[]
                  ),
                    unnest(part."seen.client_id") AS seen (value)
                )::text
                || '},"sum":{"totalValue":'
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
                    FROM unnest(t1.parts) AS part (
                      "total_value_currency" text, "sum.total_value" numeric, "n.total_value" bigint,
                      "max.total_value" numeric, "seen.client_id" uuid[]
                    )
                    WHERE part."sum.total_value" IS NOT NULL
                    GROUP BY part."total_value_currency"
                    ORDER BY part."total_value_currency"
                  ) AS t2
                )
                || coalesce((',"termsVersion":"' || t1."sum_terms_version" || '"'), ',"termsVersion":null')
                || '},"avg":{"totalValue":'
                || (
                  SELECT (
                    '['
                      || coalesce(
                        string_agg(
                          (
                            coalesce(('{"amount":"' || t3.amount || '"'), '{"amount":null')
                              || coalesce(
                                (',"currency":' || to_json(t3."total_value_currency")::text), ',"currency":null'
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
                    SELECT (
                      sign(sum(part."sum.total_value")) * div(
                        abs(sum(part."sum.total_value")) * 2000000 + sum(part."n.total_value"),
                        nullif(2 * sum(part."n.total_value"), 0)
                      ) * 0.000001
                    )::text AS amount,
                      part."total_value_currency"
                    FROM unnest(t1.parts) AS part (
                      "total_value_currency" text, "sum.total_value" numeric, "n.total_value" bigint,
                      "max.total_value" numeric, "seen.client_id" uuid[]
                    )
                    WHERE part."sum.total_value" IS NOT NULL
                    GROUP BY part."total_value_currency"
                    ORDER BY part."total_value_currency"
                  ) AS t3
                )
                || coalesce((',"termsVersion":"' || t1."avg_terms_version" || '"'), ',"termsVersion":null')
                || '},"min":'
                || coalesce(('{"startDate":"' || t1."min_start_date"::text || '"'), '{"startDate":null')
                || '},"max":{"totalValue":'
                || (
                  SELECT (
                    '['
                      || coalesce(
                        string_agg(
                          (
                            coalesce(('{"amount":"' || t4.amount || '"'), '{"amount":null')
                              || coalesce(
                                (',"currency":' || to_json(t4."total_value_currency")::text), ',"currency":null'
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
                    SELECT (max(part."max.total_value"))::text AS amount, part."total_value_currency"
                    FROM unnest(t1.parts) AS part (
                      "total_value_currency" text, "sum.total_value" numeric, "n.total_value" bigint,
                      "max.total_value" numeric, "seen.client_id" uuid[]
                    )
                    WHERE part."max.total_value" IS NOT NULL
                    GROUP BY part."total_value_currency"
                    ORDER BY part."total_value_currency"
                  ) AS t4
                )
                || '},"masked":[]}'
            ),
            ','
          ),
          ''
        )
        || ']'
    )
    FROM (
      SELECT t5.*
      FROM (
        SELECT coalesce(sum(part.count), 0)::bigint AS count,
          (sum(part."sum.terms_version"))::text AS "sum_terms_version",
          (
            sign(sum(part."sum.terms_version")) * div(
              abs(sum(part."sum.terms_version")) * 2000000 + sum(part."n.terms_version"),
              nullif(2 * sum(part."n.terms_version"), 0)
            ) * 0.000001
          )::text AS "avg_terms_version",
          min(part."min.start_date") AS "min_start_date",
          array_agg(
            ROW(
              part."total_value_currency", part."sum.total_value", part."n.total_value", part."max.total_value",
              part."seen.client_id"
            )
          ) AS parts
        FROM (
          SELECT t6."total_value_currency",
            count(*) AS count,
            sum(t6."total_value") AS "sum.total_value",
            sum(t6."terms_version") AS "sum.terms_version",
            count(t6."total_value") AS "n.total_value",
            count(t6."terms_version") AS "n.terms_version",
            min(t6."start_date") AS "min.start_date",
            max(t6."total_value") AS "max.total_value",
            array_agg(DISTINCT t6."client_id") FILTER (WHERE t6."client_id" IS NOT NULL) AS "seen.client_id"
          FROM api.contract AS t6
          WHERE true
          GROUP BY 1
        ) AS part
      ) AS t5
      WHERE true
      LIMIT $1::bigint OFFSET $2::bigint
    ) AS t1
  ),
  'UTF8'
),
  convert_to(
    (
      SELECT ('[' || coalesce(string_agg(('{"count":' || t7.count::text || '}'), ','), '') || ']')
      FROM (
        SELECT t8.*
        FROM (
          SELECT count(*) AS count
          FROM api.client AS t9
          WHERE lower(t9."name") = lower($3::text) AND t9."name" = $3::text
        ) AS t8
        WHERE true
        LIMIT $4::bigint OFFSET $5::bigint
      ) AS t7
    ),
    'UTF8'
  )
