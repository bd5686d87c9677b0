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
                      SELECT t4."id", t4."version", t4."record_state", t4."updated_at", t4."rate_card_id", t4."price",
                        t4."price_currency", t4."price_per", t4."valid_from", t4."valid_to", t4."plain_version"
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
                        SELECT t11.*
                        FROM (
                          SELECT t10."id", t10."version", t10."record_state", t10."updated_at", t10."rate_card_id",
                            t10."price", t10."price_currency", t10."price_per", t10."valid_from", t10."valid_to",
                            t10."plain_version"
                          FROM api.rate_line_version AS t10
                          WHERE t10.id = t6.id AND t10.recorded_at <= $3::timestamptz
                          ORDER BY t10.recorded_at DESC
                          LIMIT 1
                        ) AS t11
                        WHERE t11.record_state <> 'merged'
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
      SELECT t12.*
      FROM LATERAL (
        (
          SELECT t13."id",
            CASE WHEN t13.updated_at <= $3::timestamptz THEN t13."version" ELSE t14."version" END AS "version",
            CASE WHEN t13.updated_at <= $3::timestamptz THEN t13."record_state" ELSE t14."record_state" END AS "record_state",
            CASE WHEN t13.updated_at <= $3::timestamptz THEN t13."updated_at" ELSE t14."updated_at" END AS "updated_at",
            CASE WHEN t13.updated_at <= $3::timestamptz THEN t13."code" ELSE t14."code" END AS "code",
            CASE WHEN t13.updated_at <= $3::timestamptz THEN t13."valid_from" ELSE t14."valid_from" END AS "valid_from",
            CASE WHEN t13.updated_at <= $3::timestamptz THEN t13."valid_to" ELSE t14."valid_to" END AS "valid_to",
            CASE WHEN t13.updated_at <= $3::timestamptz THEN t13."plain_version" ELSE t14."plain_version" END AS "plain_version"
          FROM api.rate_card AS t13
          LEFT JOIN LATERAL (
            SELECT t16.*
            FROM (
              SELECT t15."id", t15."version", t15."record_state", t15."updated_at", t15."code", t15."valid_from",
                t15."valid_to", t15."plain_version"
              FROM api.rate_card_version AS t15
              WHERE t13.updated_at > $3::timestamptz AND t15.id = t13.id AND t15.recorded_at <= $3::timestamptz
              ORDER BY t15.recorded_at DESC
              LIMIT 1
            ) AS t16
            WHERE t16.record_state <> 'merged'
          ) AS t14 ON true
          WHERE (t13.updated_at <= $3::timestamptz OR t14.id IS NOT NULL)
          ORDER BY t13.id ASC
        )
        UNION ALL (
          SELECT t17.loser_id AS "id", t18."version", t18."record_state", t18."updated_at", t18."code",
            t18."valid_from", t18."valid_to", t18."plain_version"
          FROM api.forward AS t17
          CROSS JOIN LATERAL (
            SELECT t21.*
            FROM (
              SELECT t20."id", t20."version", t20."record_state", t20."updated_at", t20."code", t20."valid_from",
                t20."valid_to", t20."plain_version"
              FROM api.rate_card_version AS t20
              WHERE t20.id = t17.loser_id AND t20.recorded_at <= $3::timestamptz
              ORDER BY t20.recorded_at DESC
              LIMIT 1
            ) AS t21
            WHERE t21.record_state <> 'merged'
          ) AS t18
          WHERE t17.entity = 'rate_card'
            AND (SELECT d.made_at FROM api.decision AS d WHERE d.id = t17.decision_id) > $3::timestamptz
            AND NOT EXISTS (SELECT FROM api.rate_card AS t19 WHERE t19.id = t17.loser_id)
          ORDER BY t17.loser_id ASC
        )
      ) AS t12
      WHERE true
      ORDER BY t12."id" ASC
      LIMIT 20
    ) AS t1
  ),
  'UTF8'
)
