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
                      (
                        SELECT t4."id",
                          CASE WHEN t4.updated_at <= $3::timestamptz THEN t4."version" ELSE t5."version" END AS "version",
                          CASE WHEN t4.updated_at <= $3::timestamptz THEN t4."record_state" ELSE t5."record_state" END AS "record_state",
                          CASE WHEN t4.updated_at <= $3::timestamptz THEN t4."created_at" ELSE t5."created_at" END AS "created_at",
                          CASE WHEN t4.updated_at <= $3::timestamptz THEN t4."updated_at" ELSE t5."updated_at" END AS "updated_at",
                          CASE WHEN t4.updated_at <= $3::timestamptz THEN t4."extra" ELSE t5."extra" END AS "extra",
                          CASE WHEN t4.updated_at <= $3::timestamptz THEN t4."rate_card_id" ELSE t5."rate_card_id" END AS "rate_card_id",
                          CASE WHEN t4.updated_at <= $3::timestamptz THEN t4."role" ELSE t5."role" END AS "role",
                          CASE WHEN t4.updated_at <= $3::timestamptz THEN t4."grade" ELSE t5."grade" END AS "grade",
                          CASE WHEN t4.updated_at <= $3::timestamptz THEN t4."resource_id" ELSE t5."resource_id" END AS "resource_id",
                          CASE
                            WHEN t4.updated_at <= $3::timestamptz THEN t4."service_item_id" ELSE t5."service_item_id"
                          END AS "service_item_id",
                          CASE WHEN t4.updated_at <= $3::timestamptz THEN t4."region_id" ELSE t5."region_id" END AS "region_id",
                          CASE WHEN t4.updated_at <= $3::timestamptz THEN t4."unit" ELSE t5."unit" END AS "unit",
                          CASE WHEN t4.updated_at <= $3::timestamptz THEN t4."price" ELSE t5."price" END AS "price",
                          CASE
                            WHEN t4.updated_at <= $3::timestamptz THEN t4."price_currency" ELSE t5."price_currency"
                          END AS "price_currency",
                          CASE WHEN t4.updated_at <= $3::timestamptz THEN t4."price_per" ELSE t5."price_per" END AS "price_per",
                          CASE WHEN t4.updated_at <= $3::timestamptz THEN t4."cost" ELSE t5."cost" END AS "cost",
                          CASE WHEN t4.updated_at <= $3::timestamptz THEN t4."cost_currency" ELSE t5."cost_currency" END AS "cost_currency",
                          CASE WHEN t4.updated_at <= $3::timestamptz THEN t4."cost_per" ELSE t5."cost_per" END AS "cost_per",
                          CASE WHEN t4.updated_at <= $3::timestamptz THEN t4."hours_per_day" ELSE t5."hours_per_day" END AS "hours_per_day",
                          CASE
                            WHEN t4.updated_at <= $3::timestamptz THEN t4."hours_per_day_unit"
                            ELSE t5."hours_per_day_unit"
                          END AS "hours_per_day_unit",
                          CASE
                            WHEN t4.updated_at <= $3::timestamptz THEN t4."hours_per_day_stated"
                            ELSE t5."hours_per_day_stated"
                          END AS "hours_per_day_stated",
                          CASE
                            WHEN t4.updated_at <= $3::timestamptz THEN t4."overtime_factor" ELSE t5."overtime_factor"
                          END AS "overtime_factor",
                          CASE WHEN t4.updated_at <= $3::timestamptz THEN t4."valid_from" ELSE t5."valid_from" END AS "valid_from",
                          CASE WHEN t4.updated_at <= $3::timestamptz THEN t4."valid_to" ELSE t5."valid_to" END AS "valid_to",
                          CASE WHEN t4.updated_at <= $3::timestamptz THEN t4."plain_version" ELSE t5."plain_version" END AS "plain_version"
                        FROM (
                          SELECT t7.id
                          FROM api.rate_line AS t7
                          WHERE t7."rate_card_id" = t1.id
                          UNION SELECT t8.golden_id AS id
                          FROM api.former_value AS t8
                          WHERE t8.entity = 'rate_line'
                            AND t8.field = 'rate_card_id'
                            AND t8.until > $3::timestamptz
                            AND t8.value = lower((t1.id)::text)
                        ) AS t6
                        JOIN api.rate_line AS t4 ON t4.id = t6.id
                        LEFT JOIN LATERAL (
                          SELECT t9.*
                          FROM api.rate_line_version AS t9
                          WHERE t4.updated_at > $3::timestamptz AND t9.id = t4.id AND t9.recorded_at <= $3::timestamptz
                          ORDER BY t9.recorded_at DESC
                          LIMIT 1
                        ) AS t5 ON true
                        WHERE (t4.updated_at <= $3::timestamptz OR t5.version IS NOT NULL)
                      )
                      UNION ALL (
                        SELECT t10.loser_id AS "id", t11."version", t11."record_state", t11."created_at",
                          t11."updated_at", t11."extra", t11."rate_card_id", t11."role", t11."grade", t11."resource_id",
                          t11."service_item_id", t11."region_id", t11."unit", t11."price", t11."price_currency",
                          t11."price_per", t11."cost", t11."cost_currency", t11."cost_per", t11."hours_per_day",
                          t11."hours_per_day_unit", t11."hours_per_day_stated", t11."overtime_factor", t11."valid_from",
                          t11."valid_to", t11."plain_version"
                        FROM (
                          SELECT t14.golden_id AS id
                          FROM api.former_value AS t14
                          WHERE t14.entity = 'rate_line'
                            AND t14.field = 'rate_card_id'
                            AND t14.until > $3::timestamptz
                            AND t14.value = lower((t1.id)::text)
                        ) AS t13
                        JOIN api.forward AS t10 ON t10.loser_id = t13.id
                        CROSS JOIN LATERAL (
                          SELECT t15.*
                          FROM api.rate_line_version AS t15
                          WHERE t15.id = t10.loser_id AND t15.recorded_at <= $3::timestamptz
                          ORDER BY t15.recorded_at DESC
                          LIMIT 1
                        ) AS t11
                        WHERE t10.entity = 'rate_line'
                          AND (SELECT d.made_at FROM api.decision AS d WHERE d.id = t10.decision_id) > $3::timestamptz
                          AND NOT EXISTS (SELECT FROM api.rate_line AS t12 WHERE t12.id = t10.loser_id)
                      )
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
      SELECT t16.*
      FROM LATERAL (
        (
          SELECT t17."id",
            CASE WHEN t17.updated_at <= $3::timestamptz THEN t17."version" ELSE t18."version" END AS "version",
            CASE WHEN t17.updated_at <= $3::timestamptz THEN t17."record_state" ELSE t18."record_state" END AS "record_state",
            CASE WHEN t17.updated_at <= $3::timestamptz THEN t17."created_at" ELSE t18."created_at" END AS "created_at",
            CASE WHEN t17.updated_at <= $3::timestamptz THEN t17."updated_at" ELSE t18."updated_at" END AS "updated_at",
            CASE WHEN t17.updated_at <= $3::timestamptz THEN t17."extra" ELSE t18."extra" END AS "extra",
            CASE WHEN t17.updated_at <= $3::timestamptz THEN t17."code" ELSE t18."code" END AS "code",
            CASE WHEN t17.updated_at <= $3::timestamptz THEN t17."name" ELSE t18."name" END AS "name",
            CASE WHEN t17.updated_at <= $3::timestamptz THEN t17."kind" ELSE t18."kind" END AS "kind",
            CASE WHEN t17.updated_at <= $3::timestamptz THEN t17."scope" ELSE t18."scope" END AS "scope",
            CASE WHEN t17.updated_at <= $3::timestamptz THEN t17."currency" ELSE t18."currency" END AS "currency",
            CASE WHEN t17.updated_at <= $3::timestamptz THEN t17."legal_entity_id" ELSE t18."legal_entity_id" END AS "legal_entity_id",
            CASE WHEN t17.updated_at <= $3::timestamptz THEN t17."client_id" ELSE t18."client_id" END AS "client_id",
            CASE WHEN t17.updated_at <= $3::timestamptz THEN t17."contract_id" ELSE t18."contract_id" END AS "contract_id",
            CASE WHEN t17.updated_at <= $3::timestamptz THEN t17."project_id" ELSE t18."project_id" END AS "project_id",
            CASE WHEN t17.updated_at <= $3::timestamptz THEN t17."region_id" ELSE t18."region_id" END AS "region_id",
            CASE WHEN t17.updated_at <= $3::timestamptz THEN t17."valid_from" ELSE t18."valid_from" END AS "valid_from",
            CASE WHEN t17.updated_at <= $3::timestamptz THEN t17."valid_to" ELSE t18."valid_to" END AS "valid_to",
            CASE WHEN t17.updated_at <= $3::timestamptz THEN t17."state" ELSE t18."state" END AS "state",
            CASE WHEN t17.updated_at <= $3::timestamptz THEN t17."plain_version" ELSE t18."plain_version" END AS "plain_version"
          FROM api.rate_card AS t17
          LEFT JOIN LATERAL (
            SELECT t19.*
            FROM api.rate_card_version AS t19
            WHERE t17.updated_at > $3::timestamptz AND t19.id = t17.id AND t19.recorded_at <= $3::timestamptz
            ORDER BY t19.recorded_at DESC
            LIMIT 1
          ) AS t18 ON true
          WHERE (t17.updated_at <= $3::timestamptz OR t18.version IS NOT NULL)
          ORDER BY t17.id ASC
        )
        UNION ALL (
          SELECT t20.loser_id AS "id", t21."version", t21."record_state", t21."created_at", t21."updated_at",
            t21."extra", t21."code", t21."name", t21."kind", t21."scope", t21."currency", t21."legal_entity_id",
            t21."client_id", t21."contract_id", t21."project_id", t21."region_id", t21."valid_from", t21."valid_to",
            t21."state", t21."plain_version"
          FROM api.forward AS t20
          CROSS JOIN LATERAL (
            SELECT t24.*
            FROM api.rate_card_version AS t24
            WHERE t24.id = t20.loser_id AND t24.recorded_at <= $3::timestamptz
            ORDER BY t24.recorded_at DESC
            LIMIT 1
          ) AS t21
          WHERE t20.entity = 'rate_card'
            AND (SELECT d.made_at FROM api.decision AS d WHERE d.id = t20.decision_id) > $3::timestamptz
            AND NOT EXISTS (SELECT FROM api.rate_card AS t22 WHERE t22.id = t20.loser_id)
          ORDER BY t20.loser_id ASC
        )
      ) AS t16
      WHERE true
      ORDER BY t16."id" ASC
      LIMIT 20
    ) AS t1
  ),
  'UTF8'
)
