SELECT convert_to(
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
                            '{"version":'
                              || t2.version::text
                              || CASE
                                WHEN t2."price" IS NOT NULL THEN (
                                  ',"price":{"amount":"' || trim_scale(t2."price")::text || '"}'
                                )
                                ELSE ',"price":null'
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
                    SELECT t3.*
                    FROM api.rate_line AS t3
                    WHERE t3.rate_card_id = t1.id
                      AND true
                      AND ((t3."valid_from" IS NULL) OR (t3."valid_from" <= $1::date))
                      AND ((t3."valid_to" IS NULL) OR (t3."valid_to" >= $2::date))
                    ORDER BY t3."id" ASC
                    LIMIT 20
                  ) AS t2
                )
                || '}'
            ),
            ','
          ),
          ''
        )
        || ']}'
    )
    FROM (SELECT t4.* FROM api.rate_card AS t4 WHERE true ORDER BY t4."id" ASC LIMIT 20) AS t1
  ),
  'UTF8'
)
