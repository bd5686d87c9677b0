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
                      UNION ALL SELECT t8.*
                      FROM (
                        SELECT t5.id
                        FROM api.rate_line AS t5
                        WHERE t5."rate_card_id" = t1.id AND t5.updated_at > $3::timestamptz
                        UNION SELECT t6.golden_id
                        FROM api.former_value AS t6
                        WHERE t6.entity = 'rate_line'
                          AND t6.field = 'rate_card_id'
                          AND t6.until > $3::timestamptz
                          AND t6.since <= $3::timestamptz
                          AND t6.value = lower((t1.id)::text)
                      ) AS t7
                      CROSS JOIN LATERAL (
                        SELECT t9."id", t9."version", t9."updated_at", t9."rate_card_id", t9."price",
                          t9."price_currency", t9."price_per", t9."valid_from", t9."valid_to", t9."plain_version"
                        FROM api.rate_line_version AS t9
                        WHERE t9.id = t7.id AND t9.recorded_at <= $3::timestamptz
                        ORDER BY t9.recorded_at DESC
                        LIMIT 1
                      ) AS t8
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
      SELECT t10.*
      FROM LATERAL (
        (
          SELECT t11."id",
            CASE WHEN t11.updated_at <= $3::timestamptz THEN t11."version" ELSE t12."version" END AS "version",
            CASE WHEN t11.updated_at <= $3::timestamptz THEN t11."updated_at" ELSE t12."updated_at" END AS "updated_at",
            CASE WHEN t11.updated_at <= $3::timestamptz THEN t11."code" ELSE t12."code" END AS "code",
            CASE WHEN t11.updated_at <= $3::timestamptz THEN t11."valid_from" ELSE t12."valid_from" END AS "valid_from",
            CASE WHEN t11.updated_at <= $3::timestamptz THEN t11."valid_to" ELSE t12."valid_to" END AS "valid_to",
            CASE WHEN t11.updated_at <= $3::timestamptz THEN t11."plain_version" ELSE t12."plain_version" END AS "plain_version"
          FROM api.rate_card AS t11
          LEFT JOIN LATERAL (
            SELECT t13."id", t13."version", t13."updated_at", t13."code", t13."valid_from", t13."valid_to",
              t13."plain_version"
            FROM api.rate_card_version AS t13
            WHERE t11.updated_at > $3::timestamptz AND t13.id = t11.id AND t13.recorded_at <= $3::timestamptz
            ORDER BY t13.recorded_at DESC
            LIMIT 1
          ) AS t12 ON true
          WHERE (t11.updated_at <= $3::timestamptz OR t12.id IS NOT NULL)
          ORDER BY t11.id ASC
        )
        UNION ALL (
          SELECT t14.loser_id AS "id", t15."version", t15."updated_at", t15."code", t15."valid_from", t15."valid_to",
            t15."plain_version"
          FROM api.forward AS t14
          CROSS JOIN LATERAL (
            SELECT t17."id", t17."version", t17."updated_at", t17."code", t17."valid_from", t17."valid_to",
              t17."plain_version"
            FROM api.rate_card_version AS t17
            WHERE t17.id = t14.loser_id AND t17.recorded_at <= $3::timestamptz
            ORDER BY t17.recorded_at DESC
            LIMIT 1
          ) AS t15
          WHERE t14.entity = 'rate_card'
            AND (SELECT d.made_at FROM api.decision AS d WHERE d.id = t14.decision_id) > $3::timestamptz
            AND NOT EXISTS (SELECT FROM api.rate_card AS t16 WHERE t16.id = t14.loser_id)
          ORDER BY t14.loser_id ASC
        )
      ) AS t10
      WHERE true
      ORDER BY t10."id" ASC
      LIMIT 20
    ) AS t1
  ),
  'UTF8'
)
