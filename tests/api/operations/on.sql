SELECT convert_to(
  (
    SELECT (
      '{"totalCount":'
        || (
          SELECT count(*)
          FROM api.rate_line AS t2
          WHERE true
            AND ((t2."valid_from" IS NULL) OR (t2."valid_from" <= $1::date))
            AND ((t2."valid_to" IS NULL) OR (t2."valid_to" >= $2::date))
        )::text
        || ',"nodes":['
        || coalesce(
          string_agg(
            (
              CASE
                WHEN t1."price" IS NOT NULL THEN ('{"price":{"amount":"' || trim_scale(t1."price")::text || '"}')
                ELSE '{"price":null'
              END
                || coalesce(
                  (
                    ',"rateCard":'
                      || (
                        SELECT (
                          CASE
                            WHEN t3.plain_version = t3.version THEN coalesce(
                              ('{"name":"' || t3."name" || '"'), '{"name":null'
                            )
                            ELSE coalesce(('{"name":' || to_json(t3."name")::text), '{"name":null')
                          END
                            || '}'
                        ) AS o
                        FROM api.rate_card AS t3
                        WHERE t3.id = t1.rate_card_id
                          AND ((t3."valid_from" IS NULL) OR (t3."valid_from" <= $3::date))
                          AND ((t3."valid_to" IS NULL) OR (t3."valid_to" >= $4::date))
                      )
                  ),
                  ',"rateCard":null'
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
      SELECT t4.*
      FROM api.rate_line AS t4
      WHERE true
        AND ((t4."valid_from" IS NULL) OR (t4."valid_from" <= $5::date))
        AND ((t4."valid_to" IS NULL) OR (t4."valid_to" >= $6::date))
      ORDER BY t4."id" ASC
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
                '{"rateLines":'
                  || (
                    SELECT (
                      '{"nodes":['
                        || coalesce(
                          string_agg(
                            (
                              CASE
                                WHEN t6."price" IS NOT NULL THEN (
                                  '{"price":{"amount":"' || trim_scale(t6."price")::text || '"}'
                                )
                                ELSE '{"price":null'
                              END
                                || coalesce((',"validFrom":"' || t6."valid_from"::text || '"'), ',"validFrom":null')
                                || coalesce((',"validTo":"' || t6."valid_to"::text || '"'), ',"validTo":null')
                                || '}'
                            ),
                            ','
                          ),
                          ''
                        )
                        || ']}'
                    )
                    FROM (
                      SELECT t7.*
                      FROM api.rate_line AS t7
                      WHERE t7.rate_card_id = t5.id
                        AND t7."role" = $7::text
                        AND ((t7."valid_from" IS NULL) OR (t7."valid_from" <= $8::date))
                        AND ((t7."valid_to" IS NULL) OR (t7."valid_to" >= $9::date))
                      ORDER BY t7."id" ASC
                      LIMIT 20
                    ) AS t6
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
        SELECT t8.*
        FROM api.rate_card AS t8
        WHERE true
          AND ((t8."valid_from" IS NULL) OR (t8."valid_from" <= $10::date))
          AND ((t8."valid_to" IS NULL) OR (t8."valid_to" >= $11::date))
        ORDER BY t8."id" ASC
        LIMIT 20
      ) AS t5
    ),
    'UTF8'
  ),
  convert_to(
    (
      SELECT ('[' || coalesce(string_agg(('{"count":' || t9.count::text || '}'), ','), '') || ']')
      FROM (
        SELECT t10.*
        FROM (
          SELECT count(*) AS count
          FROM api.rate_line AS t11
          WHERE true
            AND ((t11."valid_from" IS NULL) OR (t11."valid_from" <= $12::date))
            AND ((t11."valid_to" IS NULL) OR (t11."valid_to" >= $13::date))
        ) AS t10
        WHERE true
        LIMIT $14::bigint OFFSET $15::bigint
      ) AS t9
    ),
    'UTF8'
  )
