SELECT convert_to(
  (
    SELECT (
      '{"nodes":['
        || coalesce(
          string_agg(
            (
              CASE
                WHEN t1."total_value" IS NOT NULL THEN ('{"totalValue":{"amount":"' || t1."total_value"::text || '"}')
                ELSE '{"totalValue":null'
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
      WHERE t2."total_value_currency" = $1::text AND t2."total_value" >= $2::numeric
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
                  WHEN t3.plain_version = t3.version THEN CASE
                    WHEN t3."total_value" IS NOT NULL THEN (
                      '{"totalValue":{"amount":"'
                        || t3."total_value"::text
                        || '"'
                        || coalesce((',"currency":"' || t3."total_value_currency" || '"'), ',"currency":null')
                        || '}'
                    )
                    ELSE '{"totalValue":null'
                  END
                  ELSE CASE
                    WHEN t3."total_value" IS NOT NULL THEN (
                      '{"totalValue":{"amount":"'
                        || t3."total_value"::text
                        || '"'
                        || coalesce((',"currency":' || to_json(t3."total_value_currency")::text), ',"currency":null')
                        || '}'
                    )
                    ELSE '{"totalValue":null'
                  END
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
        WHERE t4."total_value_currency" = $3::text AND true
        ORDER BY t4."id" ASC
        LIMIT 20
      ) AS t3
    ),
    'UTF8'
  ),
  convert_to(
    ('{"totalCount":' || (SELECT count(*) FROM api.contract AS t6 WHERE t6."total_value" IS NULL)::text || '}'), 'UTF8'
  ),
  convert_to(
    (
      SELECT (
        '{"nodes":['
          || coalesce(
            string_agg(
              (
                CASE
                  WHEN t7.plain_version = t7.version THEN CASE
                    WHEN t7."price" IS NOT NULL THEN (
                      '{"price":{"amount":"'
                        || trim_scale(t7."price")::text
                        || '"'
                        || coalesce((',"currency":"' || t7."price_currency" || '"'), ',"currency":null')
                        || coalesce((',"per":"' || t7."price_per" || '"'), ',"per":null')
                        || '}'
                    )
                    ELSE '{"price":null'
                  END
                  ELSE CASE
                    WHEN t7."price" IS NOT NULL THEN (
                      '{"price":{"amount":"'
                        || trim_scale(t7."price")::text
                        || '"'
                        || coalesce((',"currency":' || to_json(t7."price_currency")::text), ',"currency":null')
                        || coalesce((',"per":' || to_json(t7."price_per")::text), ',"per":null')
                        || '}'
                    )
                    ELSE '{"price":null'
                  END
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
        FROM api.rate_line AS t8
        WHERE t8."price_currency" = $4::text
          AND t8."price_per" = $5::text
          AND t8."price" = ANY ((SELECT $6::numeric[])::numeric[])
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
            string_agg(
              (
                CASE
                  WHEN t9.plain_version = t9.version THEN CASE
                    WHEN t9."quantity" IS NOT NULL THEN (
                      '{"quantity":{"value":"'
                        || trim_scale(t9."quantity")::text
                        || '"'
                        || coalesce((',"unit":"' || t9."quantity_unit" || '"'), ',"unit":null')
                        || coalesce((',"stated":"' || t9."quantity_stated" || '"'), ',"stated":null')
                        || '}'
                    )
                    ELSE '{"quantity":null'
                  END
                  ELSE CASE
                    WHEN t9."quantity" IS NOT NULL THEN (
                      '{"quantity":{"value":"'
                        || trim_scale(t9."quantity")::text
                        || '"'
                        || coalesce((',"unit":' || to_json(t9."quantity_unit")::text), ',"unit":null')
                        || coalesce((',"stated":' || to_json(t9."quantity_stated")::text), ',"stated":null')
                        || '}'
                    )
                    ELSE '{"quantity":null'
                  END
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
        SELECT t10.*
        FROM api.time_entry AS t10
        WHERE t10."quantity_unit" = $7::text AND t10."quantity" > $8::numeric
        ORDER BY t10."id" ASC
        LIMIT 20
      ) AS t9
    ),
    'UTF8'
  )
