SELECT convert_to(
  (
    SELECT (
      '{"nodes":['
        || coalesce(
          string_agg(
            (
              CASE
                WHEN t1.plain_version = t1.version THEN coalesce(('{"code":"' || t1."code" || '"'), '{"code":null')
                ELSE coalesce(('{"code":' || to_json(t1."code")::text), '{"code":null')
              END
                || ',"rateLines":'
                || (
                  SELECT (
                    '{"nodes":['
                      || coalesce(
                        string_agg(
                          (
                            CASE
                              WHEN t2.plain_version = t2.version THEN (
                                '{"version":'
                                  || t2.version::text
                                  || CASE
                                    WHEN t2."price" IS NOT NULL THEN (
                                      ',"price":{"amount":"'
                                        || trim_scale(t2."price")::text
                                        || '"'
                                        || coalesce((',"currency":"' || t2."price_currency" || '"'), ',"currency":null')
                                        || coalesce((',"per":"' || t2."price_per" || '"'), ',"per":null')
                                        || '}'
                                    )
                                    ELSE ',"price":null'
                                  END
                              )
                              ELSE (
                                '{"version":'
                                  || t2.version::text
                                  || CASE
                                    WHEN t2."price" IS NOT NULL THEN (
                                      ',"price":{"amount":"'
                                        || trim_scale(t2."price")::text
                                        || '"'
                                        || coalesce(
                                          (',"currency":' || to_json(t2."price_currency")::text), ',"currency":null'
                                        )
                                        || coalesce((',"per":' || to_json(t2."price_per")::text), ',"per":null')
                                        || '}'
                                    )
                                    ELSE ',"price":null'
                                  END
                              )
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
                    FROM LATERAL (
                      SELECT t4."id", t4."version", t4."updated_at", t4."rate_card_id", t4."price", t4."price_currency",
                        t4."price_per", t4."valid_from", t4."valid_to", t4."plain_version"
                      FROM api.rate_line AS t4
                      WHERE t4."rate_card_id" = t1.id AND t4.updated_at <= $3::timestamptz
                      UNION ALL SELECT t7.*
                      FROM (
                        (
                          SELECT t5.id
                          FROM api.rate_line AS t5
                          WHERE t5."rate_card_id" = t1.id AND t5.updated_at > $3::timestamptz EXCEPT
                          SELECT t8.golden_id
                          FROM api.former_value AS t8
                          WHERE t8.entity = 'rate_line'
                            AND t8.field = 'rate_card_id'
                            AND t8.until > $3::timestamptz
                            AND t8.became = lower((t1.id)::text)
                        )
                        UNION SELECT t9.golden_id
                        FROM api.former_value AS t9
                        WHERE t9.entity = 'rate_line'
                          AND t9.field = 'rate_card_id'
                          AND t9.until > $3::timestamptz
                          AND t9.since <= $3::timestamptz
                          AND t9.value = lower((t1.id)::text)
                      ) AS t6
                      CROSS JOIN LATERAL (
                        SELECT t10."id", t10."version", t10."updated_at", t10."rate_card_id", t10."price",
                          t10."price_currency", t10."price_per", t10."valid_from", t10."valid_to", t10."plain_version"
                        FROM api.rate_line_version AS t10
                        WHERE t10.id = t6.id AND t10.recorded_at <= $3::timestamptz
                        ORDER BY t10.recorded_at DESC
                        LIMIT 1
                      ) AS t7
                    ) AS t3
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
    FROM (
      SELECT t11.*
      FROM LATERAL (
        (
          SELECT t12."id",
            CASE WHEN t12.updated_at <= $3::timestamptz THEN t12."version" ELSE t13."version" END AS "version",
            CASE WHEN t12.updated_at <= $3::timestamptz THEN t12."updated_at" ELSE t13."updated_at" END AS "updated_at",
            CASE WHEN t12.updated_at <= $3::timestamptz THEN t12."code" ELSE t13."code" END AS "code",
            CASE WHEN t12.updated_at <= $3::timestamptz THEN t12."valid_from" ELSE t13."valid_from" END AS "valid_from",
            CASE WHEN t12.updated_at <= $3::timestamptz THEN t12."valid_to" ELSE t13."valid_to" END AS "valid_to",
            CASE WHEN t12.updated_at <= $3::timestamptz THEN t12."plain_version" ELSE t13."plain_version" END AS "plain_version"
          FROM api.rate_card AS t12
          LEFT JOIN LATERAL (
            SELECT t14."id", t14."version", t14."updated_at", t14."code", t14."valid_from", t14."valid_to",
              t14."plain_version"
            FROM api.rate_card_version AS t14
            WHERE t12.updated_at > $3::timestamptz AND t14.id = t12.id AND t14.recorded_at <= $3::timestamptz
            ORDER BY t14.recorded_at DESC
            LIMIT 1
          ) AS t13 ON true
          WHERE (t12.updated_at <= $3::timestamptz OR t13.id IS NOT NULL)
          ORDER BY t12.id ASC
        )
        UNION ALL (
          SELECT t15.loser_id AS "id", t16."version", t16."updated_at", t16."code", t16."valid_from", t16."valid_to",
            t16."plain_version"
          FROM api.forward AS t15
          CROSS JOIN LATERAL (
            SELECT t18."id", t18."version", t18."updated_at", t18."code", t18."valid_from", t18."valid_to",
              t18."plain_version"
            FROM api.rate_card_version AS t18
            WHERE t18.id = t15.loser_id AND t18.recorded_at <= $3::timestamptz
            ORDER BY t18.recorded_at DESC
            LIMIT 1
          ) AS t16
          WHERE t15.entity = 'rate_card'
            AND (SELECT d.made_at FROM api.decision AS d WHERE d.id = t15.decision_id) > $3::timestamptz
            AND NOT EXISTS (SELECT FROM api.rate_card AS t17 WHERE t17.id = t15.loser_id)
          ORDER BY t15.loser_id ASC
        )
      ) AS t11
      WHERE true
      ORDER BY t11."id" ASC
      LIMIT 20
    ) AS t1
  ),
  'UTF8'
)
