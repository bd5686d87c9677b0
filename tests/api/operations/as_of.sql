SELECT convert_to(
  (
    SELECT (
      '{"totalCount":'
        || (
          SELECT count(*)
          FROM LATERAL (
            (
              SELECT t3."id",
                CASE WHEN t3.updated_at <= $1::timestamptz THEN t3."version" ELSE t4."version" END AS "version",
                CASE WHEN t3.updated_at <= $1::timestamptz THEN t3."record_state" ELSE t4."record_state" END AS "record_state",
                CASE WHEN t3.updated_at <= $1::timestamptz THEN t3."created_at" ELSE t4."created_at" END AS "created_at",
                CASE WHEN t3.updated_at <= $1::timestamptz THEN t3."updated_at" ELSE t4."updated_at" END AS "updated_at",
                CASE WHEN t3.updated_at <= $1::timestamptz THEN t3."extra" ELSE t4."extra" END AS "extra",
                CASE WHEN t3.updated_at <= $1::timestamptz THEN t3."name" ELSE t4."name" END AS "name",
                CASE WHEN t3.updated_at <= $1::timestamptz THEN t3."legal_name" ELSE t4."legal_name" END AS "legal_name",
                CASE WHEN t3.updated_at <= $1::timestamptz THEN t3."kind" ELSE t4."kind" END AS "kind",
                CASE WHEN t3.updated_at <= $1::timestamptz THEN t3."register" ELSE t4."register" END AS "register",
                CASE WHEN t3.updated_at <= $1::timestamptz THEN t3."registration_no" ELSE t4."registration_no" END AS "registration_no",
                CASE WHEN t3.updated_at <= $1::timestamptz THEN t3."lei" ELSE t4."lei" END AS "lei",
                CASE WHEN t3.updated_at <= $1::timestamptz THEN t3."duns" ELSE t4."duns" END AS "duns",
                CASE WHEN t3.updated_at <= $1::timestamptz THEN t3."tax_registrations" ELSE t4."tax_registrations" END AS "tax_registrations",
                CASE WHEN t3.updated_at <= $1::timestamptz THEN t3."street" ELSE t4."street" END AS "street",
                CASE WHEN t3.updated_at <= $1::timestamptz THEN t3."city" ELSE t4."city" END AS "city",
                CASE WHEN t3.updated_at <= $1::timestamptz THEN t3."postcode" ELSE t4."postcode" END AS "postcode",
                CASE WHEN t3.updated_at <= $1::timestamptz THEN t3."region" ELSE t4."region" END AS "region",
                CASE WHEN t3.updated_at <= $1::timestamptz THEN t3."country" ELSE t4."country" END AS "country",
                CASE WHEN t3.updated_at <= $1::timestamptz THEN t3."domain" ELSE t4."domain" END AS "domain",
                CASE WHEN t3.updated_at <= $1::timestamptz THEN t3."website" ELSE t4."website" END AS "website",
                CASE WHEN t3.updated_at <= $1::timestamptz THEN t3."phone" ELSE t4."phone" END AS "phone",
                CASE WHEN t3.updated_at <= $1::timestamptz THEN t3."email" ELSE t4."email" END AS "email",
                CASE WHEN t3.updated_at <= $1::timestamptz THEN t3."former_names" ELSE t4."former_names" END AS "former_names",
                CASE WHEN t3.updated_at <= $1::timestamptz THEN t3."aliases" ELSE t4."aliases" END AS "aliases",
                CASE WHEN t3.updated_at <= $1::timestamptz THEN t3."industry" ELSE t4."industry" END AS "industry",
                CASE WHEN t3.updated_at <= $1::timestamptz THEN t3."segment" ELSE t4."segment" END AS "segment",
                CASE WHEN t3.updated_at <= $1::timestamptz THEN t3."tier" ELSE t4."tier" END AS "tier",
                CASE WHEN t3.updated_at <= $1::timestamptz THEN t3."language" ELSE t4."language" END AS "language",
                CASE WHEN t3.updated_at <= $1::timestamptz THEN t3."account_manager_id" ELSE t4."account_manager_id" END AS "account_manager_id",
                CASE WHEN t3.updated_at <= $1::timestamptz THEN t3."protected" ELSE t4."protected" END AS "protected",
                CASE WHEN t3.updated_at <= $1::timestamptz THEN t3."do_not_contact" ELSE t4."do_not_contact" END AS "do_not_contact",
                CASE WHEN t3.updated_at <= $1::timestamptz THEN t3."blocked" ELSE t4."blocked" END AS "blocked",
                CASE WHEN t3.updated_at <= $1::timestamptz THEN t3."state" ELSE t4."state" END AS "state",
                CASE WHEN t3.updated_at <= $1::timestamptz THEN t3."plain_version" ELSE t4."plain_version" END AS "plain_version"
              FROM api.client AS t3
              LEFT JOIN LATERAL (
                SELECT t5.*
                FROM api.client_version AS t5
                WHERE t3.updated_at > $1::timestamptz AND t5.id = t3.id AND t5.recorded_at <= $1::timestamptz
                ORDER BY t5.recorded_at DESC
                LIMIT 1
              ) AS t4 ON true
              WHERE (t3.updated_at <= $1::timestamptz OR t4.version IS NOT NULL)
            )
            UNION ALL (
              SELECT t6.loser_id AS "id", t7."version", t7."record_state", t7."created_at", t7."updated_at", t7."extra",
                t7."name", t7."legal_name", t7."kind", t7."register", t7."registration_no", t7."lei", t7."duns",
                t7."tax_registrations", t7."street", t7."city", t7."postcode", t7."region", t7."country", t7."domain",
                t7."website", t7."phone", t7."email", t7."former_names", t7."aliases", t7."industry", t7."segment",
                t7."tier", t7."language", t7."account_manager_id", t7."protected", t7."do_not_contact", t7."blocked",
                t7."state", t7."plain_version"
              FROM api.forward AS t6
              CROSS JOIN LATERAL (
                SELECT t10.*
                FROM api.client_version AS t10
                WHERE t10.id = t6.loser_id AND t10.recorded_at <= $1::timestamptz
                ORDER BY t10.recorded_at DESC
                LIMIT 1
              ) AS t7
              WHERE t6.entity = 'client'
                AND (SELECT d.made_at FROM api.decision AS d WHERE d.id = t6.decision_id) > $1::timestamptz
                AND NOT EXISTS (SELECT FROM api.client AS t8 WHERE t8.id = t6.loser_id)
            )
          ) AS t2
          WHERE true
        )::text
        || ',"nodes":['
        || coalesce(
          string_agg(
            (
              CASE
                WHEN t1.plain_version = t1.version THEN (
                  coalesce(('{"name":"' || t1."name" || '"'), '{"name":null') || ',"version":' || t1.version::text
                )
                ELSE (
                  coalesce(('{"name":' || to_json(t1."name")::text), '{"name":null')
                    || ',"version":'
                    || t1.version::text
                )
              END
                || ',"history":'
                || '{"totalCount":'
                || (SELECT count(*) FROM api.change AS t12 WHERE t12.golden_id = t1.id AND t12."at" <= $1::timestamptz)::text
                || '}'
                || ',"contracts":'
                || (
                  SELECT (
                    '{"nodes":['
                      || coalesce(
                        string_agg(
                          (
                            CASE
                              WHEN t13.plain_version = t13.version THEN coalesce(
                                ('{"contractNo":"' || t13."contract_no" || '"'), '{"contractNo":null'
                              )
                              ELSE coalesce(
                                ('{"contractNo":' || to_json(t13."contract_no")::text), '{"contractNo":null'
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
                    SELECT t14.*
                    FROM LATERAL (
                      (
                        SELECT t15."id",
                          CASE WHEN t15.updated_at <= $1::timestamptz THEN t15."version" ELSE t16."version" END AS "version",
                          CASE
                            WHEN t15.updated_at <= $1::timestamptz THEN t15."record_state" ELSE t16."record_state"
                          END AS "record_state",
                          CASE WHEN t15.updated_at <= $1::timestamptz THEN t15."created_at" ELSE t16."created_at" END AS "created_at",
                          CASE WHEN t15.updated_at <= $1::timestamptz THEN t15."updated_at" ELSE t16."updated_at" END AS "updated_at",
                          CASE WHEN t15.updated_at <= $1::timestamptz THEN t15."extra" ELSE t16."extra" END AS "extra",
                          CASE WHEN t15.updated_at <= $1::timestamptz THEN t15."contract_no" ELSE t16."contract_no" END AS "contract_no",
                          CASE WHEN t15.updated_at <= $1::timestamptz THEN t15."name" ELSE t16."name" END AS "name",
                          CASE WHEN t15.updated_at <= $1::timestamptz THEN t15."kind" ELSE t16."kind" END AS "kind",
                          CASE WHEN t15.updated_at <= $1::timestamptz THEN t15."parent_id" ELSE t16."parent_id" END AS "parent_id",
                          CASE WHEN t15.updated_at <= $1::timestamptz THEN t15."client_id" ELSE t16."client_id" END AS "client_id",
                          CASE
                            WHEN t15.updated_at <= $1::timestamptz THEN t15."billing_account_id"
                            ELSE t16."billing_account_id"
                          END AS "billing_account_id",
                          CASE WHEN t15.updated_at <= $1::timestamptz THEN t15."payer_id" ELSE t16."payer_id" END AS "payer_id",
                          CASE
                            WHEN t15.updated_at <= $1::timestamptz THEN t15."opportunity_id" ELSE t16."opportunity_id"
                          END AS "opportunity_id",
                          CASE
                            WHEN t15.updated_at <= $1::timestamptz THEN t15."legal_entity_id" ELSE t16."legal_entity_id"
                          END AS "legal_entity_id",
                          CASE WHEN t15.updated_at <= $1::timestamptz THEN t15."currency" ELSE t16."currency" END AS "currency",
                          CASE WHEN t15.updated_at <= $1::timestamptz THEN t15."total_value" ELSE t16."total_value" END AS "total_value",
                          CASE
                            WHEN t15.updated_at <= $1::timestamptz THEN t15."total_value_currency"
                            ELSE t16."total_value_currency"
                          END AS "total_value_currency",
                          CASE
                            WHEN t15.updated_at <= $1::timestamptz THEN t15."fx_rate_type" ELSE t16."fx_rate_type"
                          END AS "fx_rate_type",
                          CASE
                            WHEN t15.updated_at <= $1::timestamptz THEN t15."fx_fixed_rate" ELSE t16."fx_fixed_rate"
                          END AS "fx_fixed_rate",
                          CASE WHEN t15.updated_at <= $1::timestamptz THEN t15."signed_on" ELSE t16."signed_on" END AS "signed_on",
                          CASE WHEN t15.updated_at <= $1::timestamptz THEN t15."start_date" ELSE t16."start_date" END AS "start_date",
                          CASE WHEN t15.updated_at <= $1::timestamptz THEN t15."end_date" ELSE t16."end_date" END AS "end_date",
                          CASE WHEN t15.updated_at <= $1::timestamptz THEN t15."renewal" ELSE t16."renewal" END AS "renewal",
                          CASE WHEN t15.updated_at <= $1::timestamptz THEN t15."notice_days" ELSE t16."notice_days" END AS "notice_days",
                          CASE
                            WHEN t15.updated_at <= $1::timestamptz THEN t15."payment_terms" ELSE t16."payment_terms"
                          END AS "payment_terms",
                          CASE
                            WHEN t15.updated_at <= $1::timestamptz THEN t15."tax_treatment" ELSE t16."tax_treatment"
                          END AS "tax_treatment",
                          CASE WHEN t15.updated_at <= $1::timestamptz THEN t15."region_id" ELSE t16."region_id" END AS "region_id",
                          CASE WHEN t15.updated_at <= $1::timestamptz THEN t15."type" ELSE t16."type" END AS "type",
                          CASE
                            WHEN t15.updated_at <= $1::timestamptz THEN t15."terms_version" ELSE t16."terms_version"
                          END AS "terms_version",
                          CASE WHEN t15.updated_at <= $1::timestamptz THEN t15."state" ELSE t16."state" END AS "state",
                          CASE
                            WHEN t15.updated_at <= $1::timestamptz THEN t15."plain_version" ELSE t16."plain_version"
                          END AS "plain_version"
                        FROM (
                          SELECT t18.id
                          FROM api.contract AS t18
                          WHERE t18."client_id" = t1.id
                          UNION SELECT t19.golden_id AS id
                          FROM api.former_value AS t19
                          WHERE t19.entity = 'contract'
                            AND t19.field = 'client_id'
                            AND t19.until > $1::timestamptz
                            AND t19.value = lower((t1.id)::text)
                        ) AS t17
                        JOIN api.contract AS t15 ON t15.id = t17.id
                        LEFT JOIN LATERAL (
                          SELECT t20.*
                          FROM api.contract_version AS t20
                          WHERE t15.updated_at > $1::timestamptz
                            AND t20.id = t15.id
                            AND t20.recorded_at <= $1::timestamptz
                          ORDER BY t20.recorded_at DESC
                          LIMIT 1
                        ) AS t16 ON true
                        WHERE (t15.updated_at <= $1::timestamptz OR t16.version IS NOT NULL)
                      )
                      UNION ALL (
                        SELECT t21.loser_id AS "id", t22."version", t22."record_state", t22."created_at",
                          t22."updated_at", t22."extra", t22."contract_no", t22."name", t22."kind", t22."parent_id",
                          t22."client_id", t22."billing_account_id", t22."payer_id", t22."opportunity_id",
                          t22."legal_entity_id", t22."currency", t22."total_value", t22."total_value_currency",
                          t22."fx_rate_type", t22."fx_fixed_rate", t22."signed_on", t22."start_date", t22."end_date",
                          t22."renewal", t22."notice_days", t22."payment_terms", t22."tax_treatment", t22."region_id",
                          t22."type", t22."terms_version", t22."state", t22."plain_version"
                        FROM (
                          SELECT t25.golden_id AS id
                          FROM api.former_value AS t25
                          WHERE t25.entity = 'contract'
                            AND t25.field = 'client_id'
                            AND t25.until > $1::timestamptz
                            AND t25.value = lower((t1.id)::text)
                        ) AS t24
                        JOIN api.forward AS t21 ON t21.loser_id = t24.id
                        CROSS JOIN LATERAL (
                          SELECT t26.*
                          FROM api.contract_version AS t26
                          WHERE t26.id = t21.loser_id AND t26.recorded_at <= $1::timestamptz
                          ORDER BY t26.recorded_at DESC
                          LIMIT 1
                        ) AS t22
                        WHERE t21.entity = 'contract'
                          AND (SELECT d.made_at FROM api.decision AS d WHERE d.id = t21.decision_id) > $1::timestamptz
                          AND NOT EXISTS (SELECT FROM api.contract AS t23 WHERE t23.id = t21.loser_id)
                      )
                    ) AS t14
                    WHERE t14.client_id = t1.id
                    ORDER BY t14."contract_no" ASC, t14."id" ASC
                    LIMIT 20
                  ) AS t13
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
      SELECT t27.*
      FROM LATERAL (
        (
          SELECT t28."id",
            CASE WHEN t28.updated_at <= $1::timestamptz THEN t28."version" ELSE t29."version" END AS "version",
            CASE WHEN t28.updated_at <= $1::timestamptz THEN t28."record_state" ELSE t29."record_state" END AS "record_state",
            CASE WHEN t28.updated_at <= $1::timestamptz THEN t28."created_at" ELSE t29."created_at" END AS "created_at",
            CASE WHEN t28.updated_at <= $1::timestamptz THEN t28."updated_at" ELSE t29."updated_at" END AS "updated_at",
            CASE WHEN t28.updated_at <= $1::timestamptz THEN t28."extra" ELSE t29."extra" END AS "extra",
            CASE WHEN t28.updated_at <= $1::timestamptz THEN t28."name" ELSE t29."name" END AS "name",
            CASE WHEN t28.updated_at <= $1::timestamptz THEN t28."legal_name" ELSE t29."legal_name" END AS "legal_name",
            CASE WHEN t28.updated_at <= $1::timestamptz THEN t28."kind" ELSE t29."kind" END AS "kind",
            CASE WHEN t28.updated_at <= $1::timestamptz THEN t28."register" ELSE t29."register" END AS "register",
            CASE WHEN t28.updated_at <= $1::timestamptz THEN t28."registration_no" ELSE t29."registration_no" END AS "registration_no",
            CASE WHEN t28.updated_at <= $1::timestamptz THEN t28."lei" ELSE t29."lei" END AS "lei",
            CASE WHEN t28.updated_at <= $1::timestamptz THEN t28."duns" ELSE t29."duns" END AS "duns",
            CASE WHEN t28.updated_at <= $1::timestamptz THEN t28."tax_registrations" ELSE t29."tax_registrations" END AS "tax_registrations",
            CASE WHEN t28.updated_at <= $1::timestamptz THEN t28."street" ELSE t29."street" END AS "street",
            CASE WHEN t28.updated_at <= $1::timestamptz THEN t28."city" ELSE t29."city" END AS "city",
            CASE WHEN t28.updated_at <= $1::timestamptz THEN t28."postcode" ELSE t29."postcode" END AS "postcode",
            CASE WHEN t28.updated_at <= $1::timestamptz THEN t28."region" ELSE t29."region" END AS "region",
            CASE WHEN t28.updated_at <= $1::timestamptz THEN t28."country" ELSE t29."country" END AS "country",
            CASE WHEN t28.updated_at <= $1::timestamptz THEN t28."domain" ELSE t29."domain" END AS "domain",
            CASE WHEN t28.updated_at <= $1::timestamptz THEN t28."website" ELSE t29."website" END AS "website",
            CASE WHEN t28.updated_at <= $1::timestamptz THEN t28."phone" ELSE t29."phone" END AS "phone",
            CASE WHEN t28.updated_at <= $1::timestamptz THEN t28."email" ELSE t29."email" END AS "email",
            CASE WHEN t28.updated_at <= $1::timestamptz THEN t28."former_names" ELSE t29."former_names" END AS "former_names",
            CASE WHEN t28.updated_at <= $1::timestamptz THEN t28."aliases" ELSE t29."aliases" END AS "aliases",
            CASE WHEN t28.updated_at <= $1::timestamptz THEN t28."industry" ELSE t29."industry" END AS "industry",
            CASE WHEN t28.updated_at <= $1::timestamptz THEN t28."segment" ELSE t29."segment" END AS "segment",
            CASE WHEN t28.updated_at <= $1::timestamptz THEN t28."tier" ELSE t29."tier" END AS "tier",
            CASE WHEN t28.updated_at <= $1::timestamptz THEN t28."language" ELSE t29."language" END AS "language",
            CASE WHEN t28.updated_at <= $1::timestamptz THEN t28."account_manager_id" ELSE t29."account_manager_id" END AS "account_manager_id",
            CASE WHEN t28.updated_at <= $1::timestamptz THEN t28."protected" ELSE t29."protected" END AS "protected",
            CASE WHEN t28.updated_at <= $1::timestamptz THEN t28."do_not_contact" ELSE t29."do_not_contact" END AS "do_not_contact",
            CASE WHEN t28.updated_at <= $1::timestamptz THEN t28."blocked" ELSE t29."blocked" END AS "blocked",
            CASE WHEN t28.updated_at <= $1::timestamptz THEN t28."state" ELSE t29."state" END AS "state",
            CASE WHEN t28.updated_at <= $1::timestamptz THEN t28."plain_version" ELSE t29."plain_version" END AS "plain_version"
          FROM api.client AS t28
          LEFT JOIN LATERAL (
            SELECT t30.*
            FROM api.client_version AS t30
            WHERE t28.updated_at > $1::timestamptz AND t30.id = t28.id AND t30.recorded_at <= $1::timestamptz
            ORDER BY t30.recorded_at DESC
            LIMIT 1
          ) AS t29 ON true
          WHERE (t28.updated_at <= $1::timestamptz OR t29.version IS NOT NULL)
        )
        UNION ALL (
          SELECT t31.loser_id AS "id", t32."version", t32."record_state", t32."created_at", t32."updated_at",
            t32."extra", t32."name", t32."legal_name", t32."kind", t32."register", t32."registration_no", t32."lei",
            t32."duns", t32."tax_registrations", t32."street", t32."city", t32."postcode", t32."region", t32."country",
            t32."domain", t32."website", t32."phone", t32."email", t32."former_names", t32."aliases", t32."industry",
            t32."segment", t32."tier", t32."language", t32."account_manager_id", t32."protected", t32."do_not_contact",
            t32."blocked", t32."state", t32."plain_version"
          FROM api.forward AS t31
          CROSS JOIN LATERAL (
            SELECT t35.*
            FROM api.client_version AS t35
            WHERE t35.id = t31.loser_id AND t35.recorded_at <= $1::timestamptz
            ORDER BY t35.recorded_at DESC
            LIMIT 1
          ) AS t32
          WHERE t31.entity = 'client'
            AND (SELECT d.made_at FROM api.decision AS d WHERE d.id = t31.decision_id) > $1::timestamptz
            AND NOT EXISTS (SELECT FROM api.client AS t33 WHERE t33.id = t31.loser_id)
        )
      ) AS t27
      WHERE true
      ORDER BY t27."name" ASC, t27."id" ASC
      LIMIT 20
    ) AS t1
  ),
  'UTF8'
),
  convert_to(
    coalesce(
      (
        SELECT (
          CASE
            WHEN t38.plain_version = t38.version THEN (
              '{"id":"' || t38.id::text || '"' || coalesce((',"name":"' || t38."name" || '"'), ',"name":null')
            )
            ELSE (
              '{"id":"' || t38.id::text || '"' || coalesce((',"name":' || to_json(t38."name")::text), ',"name":null')
            )
          END
            || '}'
        ) AS o
        FROM LATERAL (
          (
            SELECT t39."id",
              CASE WHEN t39.updated_at <= $1::timestamptz THEN t39."version" ELSE t40."version" END AS "version",
              CASE WHEN t39.updated_at <= $1::timestamptz THEN t39."record_state" ELSE t40."record_state" END AS "record_state",
              CASE WHEN t39.updated_at <= $1::timestamptz THEN t39."created_at" ELSE t40."created_at" END AS "created_at",
              CASE WHEN t39.updated_at <= $1::timestamptz THEN t39."updated_at" ELSE t40."updated_at" END AS "updated_at",
              CASE WHEN t39.updated_at <= $1::timestamptz THEN t39."extra" ELSE t40."extra" END AS "extra",
              CASE WHEN t39.updated_at <= $1::timestamptz THEN t39."name" ELSE t40."name" END AS "name",
              CASE WHEN t39.updated_at <= $1::timestamptz THEN t39."legal_name" ELSE t40."legal_name" END AS "legal_name",
              CASE WHEN t39.updated_at <= $1::timestamptz THEN t39."kind" ELSE t40."kind" END AS "kind",
              CASE WHEN t39.updated_at <= $1::timestamptz THEN t39."register" ELSE t40."register" END AS "register",
              CASE WHEN t39.updated_at <= $1::timestamptz THEN t39."registration_no" ELSE t40."registration_no" END AS "registration_no",
              CASE WHEN t39.updated_at <= $1::timestamptz THEN t39."lei" ELSE t40."lei" END AS "lei",
              CASE WHEN t39.updated_at <= $1::timestamptz THEN t39."duns" ELSE t40."duns" END AS "duns",
              CASE WHEN t39.updated_at <= $1::timestamptz THEN t39."tax_registrations" ELSE t40."tax_registrations" END AS "tax_registrations",
              CASE WHEN t39.updated_at <= $1::timestamptz THEN t39."street" ELSE t40."street" END AS "street",
              CASE WHEN t39.updated_at <= $1::timestamptz THEN t39."city" ELSE t40."city" END AS "city",
              CASE WHEN t39.updated_at <= $1::timestamptz THEN t39."postcode" ELSE t40."postcode" END AS "postcode",
              CASE WHEN t39.updated_at <= $1::timestamptz THEN t39."region" ELSE t40."region" END AS "region",
              CASE WHEN t39.updated_at <= $1::timestamptz THEN t39."country" ELSE t40."country" END AS "country",
              CASE WHEN t39.updated_at <= $1::timestamptz THEN t39."domain" ELSE t40."domain" END AS "domain",
              CASE WHEN t39.updated_at <= $1::timestamptz THEN t39."website" ELSE t40."website" END AS "website",
              CASE WHEN t39.updated_at <= $1::timestamptz THEN t39."phone" ELSE t40."phone" END AS "phone",
              CASE WHEN t39.updated_at <= $1::timestamptz THEN t39."email" ELSE t40."email" END AS "email",
              CASE WHEN t39.updated_at <= $1::timestamptz THEN t39."former_names" ELSE t40."former_names" END AS "former_names",
              CASE WHEN t39.updated_at <= $1::timestamptz THEN t39."aliases" ELSE t40."aliases" END AS "aliases",
              CASE WHEN t39.updated_at <= $1::timestamptz THEN t39."industry" ELSE t40."industry" END AS "industry",
              CASE WHEN t39.updated_at <= $1::timestamptz THEN t39."segment" ELSE t40."segment" END AS "segment",
              CASE WHEN t39.updated_at <= $1::timestamptz THEN t39."tier" ELSE t40."tier" END AS "tier",
              CASE WHEN t39.updated_at <= $1::timestamptz THEN t39."language" ELSE t40."language" END AS "language",
              CASE
                WHEN t39.updated_at <= $1::timestamptz THEN t39."account_manager_id" ELSE t40."account_manager_id"
              END AS "account_manager_id",
              CASE WHEN t39.updated_at <= $1::timestamptz THEN t39."protected" ELSE t40."protected" END AS "protected",
              CASE WHEN t39.updated_at <= $1::timestamptz THEN t39."do_not_contact" ELSE t40."do_not_contact" END AS "do_not_contact",
              CASE WHEN t39.updated_at <= $1::timestamptz THEN t39."blocked" ELSE t40."blocked" END AS "blocked",
              CASE WHEN t39.updated_at <= $1::timestamptz THEN t39."state" ELSE t40."state" END AS "state",
              CASE WHEN t39.updated_at <= $1::timestamptz THEN t39."plain_version" ELSE t40."plain_version" END AS "plain_version"
            FROM api.client AS t39
            LEFT JOIN LATERAL (
              SELECT t41.*
              FROM api.client_version AS t41
              WHERE t39.updated_at > $1::timestamptz AND t41.id = t39.id AND t41.recorded_at <= $1::timestamptz
              ORDER BY t41.recorded_at DESC
              LIMIT 1
            ) AS t40 ON true
            WHERE (t39.updated_at <= $1::timestamptz OR t40.version IS NOT NULL)
              AND t39.id = CASE
                WHEN EXISTS (SELECT FROM api.client AS g WHERE g.id = $2::uuid) THEN $2::uuid
                ELSE coalesce(
                  (
                    WITH RECURSIVE t36 (survivor, steps) AS (
                      SELECT survivor_id, 1
                      FROM (
                        SELECT f.*
                        FROM api.forward AS f
                        JOIN api.decision AS d ON d.id = f.decision_id AND d.made_at <= $1::timestamptz
                      ) AS f
                      WHERE loser_id = $2::uuid
                      UNION ALL SELECT t37.survivor_id, t36.steps + 1
                      FROM t36
                      JOIN (
                        SELECT f.*
                        FROM api.forward AS f
                        JOIN api.decision AS d ON d.id = f.decision_id AND d.made_at <= $1::timestamptz
                      ) AS t37 ON t37.loser_id = t36.survivor
                      WHERE t36.steps < 20
                    )
                    SELECT survivor
                    FROM t36
                    ORDER BY steps DESC
                    LIMIT 1
                  ),
                  $2::uuid
                )
              END
          )
          UNION ALL (
            SELECT t42.loser_id AS "id", t43."version", t43."record_state", t43."created_at", t43."updated_at",
              t43."extra", t43."name", t43."legal_name", t43."kind", t43."register", t43."registration_no", t43."lei",
              t43."duns", t43."tax_registrations", t43."street", t43."city", t43."postcode", t43."region",
              t43."country", t43."domain", t43."website", t43."phone", t43."email", t43."former_names", t43."aliases",
              t43."industry", t43."segment", t43."tier", t43."language", t43."account_manager_id", t43."protected",
              t43."do_not_contact", t43."blocked", t43."state", t43."plain_version"
            FROM api.forward AS t42
            CROSS JOIN LATERAL (
              SELECT t46.*
              FROM api.client_version AS t46
              WHERE t46.id = t42.loser_id AND t46.recorded_at <= $1::timestamptz
              ORDER BY t46.recorded_at DESC
              LIMIT 1
            ) AS t43
            WHERE t42.entity = 'client'
              AND (SELECT d.made_at FROM api.decision AS d WHERE d.id = t42.decision_id) > $1::timestamptz
              AND NOT EXISTS (SELECT FROM api.client AS t44 WHERE t44.id = t42.loser_id)
              AND t42.loser_id = CASE
                WHEN EXISTS (SELECT FROM api.client AS g WHERE g.id = $2::uuid) THEN $2::uuid
                ELSE coalesce(
                  (
                    WITH RECURSIVE t36 (survivor, steps) AS (
                      SELECT survivor_id, 1
                      FROM (
                        SELECT f.*
                        FROM api.forward AS f
                        JOIN api.decision AS d ON d.id = f.decision_id AND d.made_at <= $1::timestamptz
                      ) AS f
                      WHERE loser_id = $2::uuid
                      UNION ALL SELECT t37.survivor_id, t36.steps + 1
                      FROM t36
                      JOIN (
                        SELECT f.*
                        FROM api.forward AS f
                        JOIN api.decision AS d ON d.id = f.decision_id AND d.made_at <= $1::timestamptz
                      ) AS t37 ON t37.loser_id = t36.survivor
                      WHERE t36.steps < 20
                    )
                    SELECT survivor
                    FROM t36
                    ORDER BY steps DESC
                    LIMIT 1
                  ),
                  $2::uuid
                )
              END
          )
        ) AS t38
        WHERE t38.id = CASE
          WHEN EXISTS (SELECT FROM api.client AS g WHERE g.id = $2::uuid) THEN $2::uuid
          ELSE coalesce(
            (
              WITH RECURSIVE t36 (survivor, steps) AS (
                SELECT survivor_id, 1
                FROM (
                  SELECT f.*
                  FROM api.forward AS f
                  JOIN api.decision AS d ON d.id = f.decision_id AND d.made_at <= $1::timestamptz
                ) AS f
                WHERE loser_id = $2::uuid
                UNION ALL SELECT t37.survivor_id, t36.steps + 1
                FROM t36
                JOIN (
                  SELECT f.*
                  FROM api.forward AS f
                  JOIN api.decision AS d ON d.id = f.decision_id AND d.made_at <= $1::timestamptz
                ) AS t37 ON t37.loser_id = t36.survivor
                WHERE t36.steps < 20
              )
              SELECT survivor
              FROM t36
              ORDER BY steps DESC
              LIMIT 1
            ),
            $2::uuid
          )
        END
      ),
      'null'
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
                  WHEN t47.plain_version = t47.version THEN coalesce(('{"code":"' || t47."code" || '"'), '{"code":null')
                  ELSE coalesce(('{"code":' || to_json(t47."code")::text), '{"code":null')
                END
                  || coalesce(
                    (
                      ',"client":'
                        || (
                          SELECT (
                            CASE
                              WHEN t48.plain_version = t48.version THEN coalesce(
                                ('{"name":"' || t48."name" || '"'), '{"name":null'
                              )
                              ELSE coalesce(('{"name":' || to_json(t48."name")::text), '{"name":null')
                            END
                              || '}'
                          ) AS o
                          FROM LATERAL (
                            (
                              SELECT t49."id",
                                CASE WHEN t49.updated_at <= $1::timestamptz THEN t49."version" ELSE t50."version" END AS "version",
                                CASE
                                  WHEN t49.updated_at <= $1::timestamptz THEN t49."record_state" ELSE t50."record_state"
                                END AS "record_state",
                                CASE
                                  WHEN t49.updated_at <= $1::timestamptz THEN t49."created_at" ELSE t50."created_at"
                                END AS "created_at",
                                CASE
                                  WHEN t49.updated_at <= $1::timestamptz THEN t49."updated_at" ELSE t50."updated_at"
                                END AS "updated_at",
                                CASE WHEN t49.updated_at <= $1::timestamptz THEN t49."extra" ELSE t50."extra" END AS "extra",
                                CASE WHEN t49.updated_at <= $1::timestamptz THEN t49."name" ELSE t50."name" END AS "name",
                                CASE
                                  WHEN t49.updated_at <= $1::timestamptz THEN t49."legal_name" ELSE t50."legal_name"
                                END AS "legal_name",
                                CASE WHEN t49.updated_at <= $1::timestamptz THEN t49."kind" ELSE t50."kind" END AS "kind",
                                CASE WHEN t49.updated_at <= $1::timestamptz THEN t49."register" ELSE t50."register" END AS "register",
                                CASE
                                  WHEN t49.updated_at <= $1::timestamptz THEN t49."registration_no"
                                  ELSE t50."registration_no"
                                END AS "registration_no",
                                CASE WHEN t49.updated_at <= $1::timestamptz THEN t49."lei" ELSE t50."lei" END AS "lei",
                                CASE WHEN t49.updated_at <= $1::timestamptz THEN t49."duns" ELSE t50."duns" END AS "duns",
                                CASE
                                  WHEN t49.updated_at <= $1::timestamptz THEN t49."tax_registrations"
                                  ELSE t50."tax_registrations"
                                END AS "tax_registrations",
                                CASE WHEN t49.updated_at <= $1::timestamptz THEN t49."street" ELSE t50."street" END AS "street",
                                CASE WHEN t49.updated_at <= $1::timestamptz THEN t49."city" ELSE t50."city" END AS "city",
                                CASE WHEN t49.updated_at <= $1::timestamptz THEN t49."postcode" ELSE t50."postcode" END AS "postcode",
                                CASE WHEN t49.updated_at <= $1::timestamptz THEN t49."region" ELSE t50."region" END AS "region",
                                CASE WHEN t49.updated_at <= $1::timestamptz THEN t49."country" ELSE t50."country" END AS "country",
                                CASE WHEN t49.updated_at <= $1::timestamptz THEN t49."domain" ELSE t50."domain" END AS "domain",
                                CASE WHEN t49.updated_at <= $1::timestamptz THEN t49."website" ELSE t50."website" END AS "website",
                                CASE WHEN t49.updated_at <= $1::timestamptz THEN t49."phone" ELSE t50."phone" END AS "phone",
                                CASE WHEN t49.updated_at <= $1::timestamptz THEN t49."email" ELSE t50."email" END AS "email",
                                CASE
                                  WHEN t49.updated_at <= $1::timestamptz THEN t49."former_names" ELSE t50."former_names"
                                END AS "former_names",
                                CASE WHEN t49.updated_at <= $1::timestamptz THEN t49."aliases" ELSE t50."aliases" END AS "aliases",
                                CASE WHEN t49.updated_at <= $1::timestamptz THEN t49."industry" ELSE t50."industry" END AS "industry",
                                CASE WHEN t49.updated_at <= $1::timestamptz THEN t49."segment" ELSE t50."segment" END AS "segment",
                                CASE WHEN t49.updated_at <= $1::timestamptz THEN t49."tier" ELSE t50."tier" END AS "tier",
                                CASE WHEN t49.updated_at <= $1::timestamptz THEN t49."language" ELSE t50."language" END AS "language",
                                CASE
                                  WHEN t49.updated_at <= $1::timestamptz THEN t49."account_manager_id"
                                  ELSE t50."account_manager_id"
                                END AS "account_manager_id",
                                CASE
                                  WHEN t49.updated_at <= $1::timestamptz THEN t49."protected" ELSE t50."protected"
                                END AS "protected",
                                CASE
                                  WHEN t49.updated_at <= $1::timestamptz THEN t49."do_not_contact"
                                  ELSE t50."do_not_contact"
                                END AS "do_not_contact",
                                CASE WHEN t49.updated_at <= $1::timestamptz THEN t49."blocked" ELSE t50."blocked" END AS "blocked",
                                CASE WHEN t49.updated_at <= $1::timestamptz THEN t49."state" ELSE t50."state" END AS "state",
                                CASE
                                  WHEN t49.updated_at <= $1::timestamptz THEN t49."plain_version"
                                  ELSE t50."plain_version"
                                END AS "plain_version"
                              FROM api.client AS t49
                              LEFT JOIN LATERAL (
                                SELECT t51.*
                                FROM api.client_version AS t51
                                WHERE t49.updated_at > $1::timestamptz
                                  AND t51.id = t49.id
                                  AND t51.recorded_at <= $1::timestamptz
                                ORDER BY t51.recorded_at DESC
                                LIMIT 1
                              ) AS t50 ON true
                              WHERE (t49.updated_at <= $1::timestamptz OR t50.version IS NOT NULL)
                                AND t49.id = t47.client_id
                            )
                            UNION ALL (
                              SELECT t52.loser_id AS "id", t53."version", t53."record_state", t53."created_at",
                                t53."updated_at", t53."extra", t53."name", t53."legal_name", t53."kind", t53."register",
                                t53."registration_no", t53."lei", t53."duns", t53."tax_registrations", t53."street",
                                t53."city", t53."postcode", t53."region", t53."country", t53."domain", t53."website",
                                t53."phone", t53."email", t53."former_names", t53."aliases", t53."industry",
                                t53."segment", t53."tier", t53."language", t53."account_manager_id", t53."protected",
                                t53."do_not_contact", t53."blocked", t53."state", t53."plain_version"
                              FROM api.forward AS t52
                              CROSS JOIN LATERAL (
                                SELECT t56.*
                                FROM api.client_version AS t56
                                WHERE t56.id = t52.loser_id AND t56.recorded_at <= $1::timestamptz
                                ORDER BY t56.recorded_at DESC
                                LIMIT 1
                              ) AS t53
                              WHERE t52.entity = 'client'
                                AND (SELECT d.made_at FROM api.decision AS d WHERE d.id = t52.decision_id) > $1::timestamptz
                                AND NOT EXISTS (SELECT FROM api.client AS t54 WHERE t54.id = t52.loser_id)
                                AND t52.loser_id = t47.client_id
                            )
                          ) AS t48
                          WHERE t48.id = t47.client_id
                        )
                    ),
                    ',"client":null'
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
        SELECT t57.*
        FROM LATERAL (
          (
            SELECT t67."id",
              CASE WHEN t67.updated_at <= $1::timestamptz THEN t67."version" ELSE t68."version" END AS "version",
              CASE WHEN t67.updated_at <= $1::timestamptz THEN t67."record_state" ELSE t68."record_state" END AS "record_state",
              CASE WHEN t67.updated_at <= $1::timestamptz THEN t67."created_at" ELSE t68."created_at" END AS "created_at",
              CASE WHEN t67.updated_at <= $1::timestamptz THEN t67."updated_at" ELSE t68."updated_at" END AS "updated_at",
              CASE WHEN t67.updated_at <= $1::timestamptz THEN t67."extra" ELSE t68."extra" END AS "extra",
              CASE WHEN t67.updated_at <= $1::timestamptz THEN t67."code" ELSE t68."code" END AS "code",
              CASE WHEN t67.updated_at <= $1::timestamptz THEN t67."name" ELSE t68."name" END AS "name",
              CASE WHEN t67.updated_at <= $1::timestamptz THEN t67."description" ELSE t68."description" END AS "description",
              CASE WHEN t67.updated_at <= $1::timestamptz THEN t67."client_id" ELSE t68."client_id" END AS "client_id",
              CASE WHEN t67.updated_at <= $1::timestamptz THEN t67."legal_entity_id" ELSE t68."legal_entity_id" END AS "legal_entity_id",
              CASE WHEN t67.updated_at <= $1::timestamptz THEN t67."engagement_id" ELSE t68."engagement_id" END AS "engagement_id",
              CASE WHEN t67.updated_at <= $1::timestamptz THEN t67."contract_id" ELSE t68."contract_id" END AS "contract_id",
              CASE WHEN t67.updated_at <= $1::timestamptz THEN t67."contract_lines" ELSE t68."contract_lines" END AS "contract_lines",
              CASE WHEN t67.updated_at <= $1::timestamptz THEN t67."opportunity_id" ELSE t68."opportunity_id" END AS "opportunity_id",
              CASE WHEN t67.updated_at <= $1::timestamptz THEN t67."kind" ELSE t68."kind" END AS "kind",
              CASE WHEN t67.updated_at <= $1::timestamptz THEN t67."billable" ELSE t68."billable" END AS "billable",
              CASE WHEN t67.updated_at <= $1::timestamptz THEN t67."manager_id" ELSE t68."manager_id" END AS "manager_id",
              CASE
                WHEN t67.updated_at <= $1::timestamptz THEN t67."delivery_region_id" ELSE t68."delivery_region_id"
              END AS "delivery_region_id",
              CASE WHEN t67.updated_at <= $1::timestamptz THEN t67."service_line_id" ELSE t68."service_line_id" END AS "service_line_id",
              CASE WHEN t67.updated_at <= $1::timestamptz THEN t67."start_date" ELSE t68."start_date" END AS "start_date",
              CASE WHEN t67.updated_at <= $1::timestamptz THEN t67."end_date" ELSE t68."end_date" END AS "end_date",
              CASE WHEN t67.updated_at <= $1::timestamptz THEN t67."percent_complete" ELSE t68."percent_complete" END AS "percent_complete",
              CASE WHEN t67.updated_at <= $1::timestamptz THEN t67."health" ELSE t68."health" END AS "health",
              CASE WHEN t67.updated_at <= $1::timestamptz THEN t67."currency" ELSE t68."currency" END AS "currency",
              CASE WHEN t67.updated_at <= $1::timestamptz THEN t67."template_id" ELSE t68."template_id" END AS "template_id",
              CASE WHEN t67.updated_at <= $1::timestamptz THEN t67."parent_id" ELSE t68."parent_id" END AS "parent_id",
              CASE WHEN t67.updated_at <= $1::timestamptz THEN t67."time_open" ELSE t68."time_open" END AS "time_open",
              CASE WHEN t67.updated_at <= $1::timestamptz THEN t67."expense_open" ELSE t68."expense_open" END AS "expense_open",
              CASE WHEN t67.updated_at <= $1::timestamptz THEN t67."billing_open" ELSE t68."billing_open" END AS "billing_open",
              CASE WHEN t67.updated_at <= $1::timestamptz THEN t67."state" ELSE t68."state" END AS "state",
              CASE WHEN t67.updated_at <= $1::timestamptz THEN t67."plain_version" ELSE t68."plain_version" END AS "plain_version"
            FROM (
              SELECT t70.id
              FROM api.project AS t70
              WHERE t70.client_id IN (
                SELECT t71.id
                FROM LATERAL (
                  (
                    SELECT t72."id",
                      CASE WHEN t72.updated_at <= $1::timestamptz THEN t72."version" ELSE t73."version" END AS "version",
                      CASE WHEN t72.updated_at <= $1::timestamptz THEN t72."record_state" ELSE t73."record_state" END AS "record_state",
                      CASE WHEN t72.updated_at <= $1::timestamptz THEN t72."created_at" ELSE t73."created_at" END AS "created_at",
                      CASE WHEN t72.updated_at <= $1::timestamptz THEN t72."updated_at" ELSE t73."updated_at" END AS "updated_at",
                      CASE WHEN t72.updated_at <= $1::timestamptz THEN t72."extra" ELSE t73."extra" END AS "extra",
                      CASE WHEN t72.updated_at <= $1::timestamptz THEN t72."name" ELSE t73."name" END AS "name",
                      CASE WHEN t72.updated_at <= $1::timestamptz THEN t72."legal_name" ELSE t73."legal_name" END AS "legal_name",
                      CASE WHEN t72.updated_at <= $1::timestamptz THEN t72."kind" ELSE t73."kind" END AS "kind",
                      CASE WHEN t72.updated_at <= $1::timestamptz THEN t72."register" ELSE t73."register" END AS "register",
                      CASE
                        WHEN t72.updated_at <= $1::timestamptz THEN t72."registration_no" ELSE t73."registration_no"
                      END AS "registration_no",
                      CASE WHEN t72.updated_at <= $1::timestamptz THEN t72."lei" ELSE t73."lei" END AS "lei",
                      CASE WHEN t72.updated_at <= $1::timestamptz THEN t72."duns" ELSE t73."duns" END AS "duns",
                      CASE
                        WHEN t72.updated_at <= $1::timestamptz THEN t72."tax_registrations" ELSE t73."tax_registrations"
                      END AS "tax_registrations",
                      CASE WHEN t72.updated_at <= $1::timestamptz THEN t72."street" ELSE t73."street" END AS "street",
                      CASE WHEN t72.updated_at <= $1::timestamptz THEN t72."city" ELSE t73."city" END AS "city",
                      CASE WHEN t72.updated_at <= $1::timestamptz THEN t72."postcode" ELSE t73."postcode" END AS "postcode",
                      CASE WHEN t72.updated_at <= $1::timestamptz THEN t72."region" ELSE t73."region" END AS "region",
                      CASE WHEN t72.updated_at <= $1::timestamptz THEN t72."country" ELSE t73."country" END AS "country",
                      CASE WHEN t72.updated_at <= $1::timestamptz THEN t72."domain" ELSE t73."domain" END AS "domain",
                      CASE WHEN t72.updated_at <= $1::timestamptz THEN t72."website" ELSE t73."website" END AS "website",
                      CASE WHEN t72.updated_at <= $1::timestamptz THEN t72."phone" ELSE t73."phone" END AS "phone",
                      CASE WHEN t72.updated_at <= $1::timestamptz THEN t72."email" ELSE t73."email" END AS "email",
                      CASE WHEN t72.updated_at <= $1::timestamptz THEN t72."former_names" ELSE t73."former_names" END AS "former_names",
                      CASE WHEN t72.updated_at <= $1::timestamptz THEN t72."aliases" ELSE t73."aliases" END AS "aliases",
                      CASE WHEN t72.updated_at <= $1::timestamptz THEN t72."industry" ELSE t73."industry" END AS "industry",
                      CASE WHEN t72.updated_at <= $1::timestamptz THEN t72."segment" ELSE t73."segment" END AS "segment",
                      CASE WHEN t72.updated_at <= $1::timestamptz THEN t72."tier" ELSE t73."tier" END AS "tier",
                      CASE WHEN t72.updated_at <= $1::timestamptz THEN t72."language" ELSE t73."language" END AS "language",
                      CASE
                        WHEN t72.updated_at <= $1::timestamptz THEN t72."account_manager_id"
                        ELSE t73."account_manager_id"
                      END AS "account_manager_id",
                      CASE WHEN t72.updated_at <= $1::timestamptz THEN t72."protected" ELSE t73."protected" END AS "protected",
                      CASE
                        WHEN t72.updated_at <= $1::timestamptz THEN t72."do_not_contact" ELSE t73."do_not_contact"
                      END AS "do_not_contact",
                      CASE WHEN t72.updated_at <= $1::timestamptz THEN t72."blocked" ELSE t73."blocked" END AS "blocked",
                      CASE WHEN t72.updated_at <= $1::timestamptz THEN t72."state" ELSE t73."state" END AS "state",
                      CASE WHEN t72.updated_at <= $1::timestamptz THEN t72."plain_version" ELSE t73."plain_version" END AS "plain_version"
                    FROM (
                      SELECT t75.id
                      FROM api.client AS t75
                      WHERE lower(t75."name") = lower($4::text) AND t75."name" = $4::text
                      UNION SELECT t76.golden_id AS id
                      FROM api.former_value AS t76
                      WHERE t76.entity = 'client'
                        AND t76.field = 'name'
                        AND t76.until > $1::timestamptz
                        AND t76.value = lower(($5::text)::text)
                    ) AS t74
                    JOIN api.client AS t72 ON t72.id = t74.id
                    LEFT JOIN LATERAL (
                      SELECT t77.*
                      FROM api.client_version AS t77
                      WHERE t72.updated_at > $1::timestamptz AND t77.id = t72.id AND t77.recorded_at <= $1::timestamptz
                      ORDER BY t77.recorded_at DESC
                      LIMIT 1
                    ) AS t73 ON true
                    WHERE (t72.updated_at <= $1::timestamptz OR t73.version IS NOT NULL)
                  )
                  UNION ALL (
                    SELECT t78.loser_id AS "id", t79."version", t79."record_state", t79."created_at", t79."updated_at",
                      t79."extra", t79."name", t79."legal_name", t79."kind", t79."register", t79."registration_no",
                      t79."lei", t79."duns", t79."tax_registrations", t79."street", t79."city", t79."postcode",
                      t79."region", t79."country", t79."domain", t79."website", t79."phone", t79."email",
                      t79."former_names", t79."aliases", t79."industry", t79."segment", t79."tier", t79."language",
                      t79."account_manager_id", t79."protected", t79."do_not_contact", t79."blocked", t79."state",
                      t79."plain_version"
                    FROM (
                      SELECT t82.golden_id AS id
                      FROM api.former_value AS t82
                      WHERE t82.entity = 'client'
                        AND t82.field = 'name'
                        AND t82.until > $1::timestamptz
                        AND t82.value = lower(($6::text)::text)
                    ) AS t81
                    JOIN api.forward AS t78 ON t78.loser_id = t81.id
                    CROSS JOIN LATERAL (
                      SELECT t83.*
                      FROM api.client_version AS t83
                      WHERE t83.id = t78.loser_id AND t83.recorded_at <= $1::timestamptz
                      ORDER BY t83.recorded_at DESC
                      LIMIT 1
                    ) AS t79
                    WHERE t78.entity = 'client'
                      AND (SELECT d.made_at FROM api.decision AS d WHERE d.id = t78.decision_id) > $1::timestamptz
                      AND NOT EXISTS (SELECT FROM api.client AS t80 WHERE t80.id = t78.loser_id)
                  )
                ) AS t71
                WHERE lower(t71."name") = lower($7::text) AND t71."name" = $7::text
              )
              UNION SELECT t84.golden_id AS id
              FROM api.former_value AS t84
              WHERE t84.entity = 'project'
                AND t84.field = 'client_id'
                AND t84.until > $1::timestamptz
                AND t84.value::uuid IN (
                  SELECT t85.id
                  FROM LATERAL (
                    (
                      SELECT t86."id",
                        CASE WHEN t86.updated_at <= $1::timestamptz THEN t86."version" ELSE t87."version" END AS "version",
                        CASE WHEN t86.updated_at <= $1::timestamptz THEN t86."record_state" ELSE t87."record_state" END AS "record_state",
                        CASE WHEN t86.updated_at <= $1::timestamptz THEN t86."created_at" ELSE t87."created_at" END AS "created_at",
                        CASE WHEN t86.updated_at <= $1::timestamptz THEN t86."updated_at" ELSE t87."updated_at" END AS "updated_at",
                        CASE WHEN t86.updated_at <= $1::timestamptz THEN t86."extra" ELSE t87."extra" END AS "extra",
                        CASE WHEN t86.updated_at <= $1::timestamptz THEN t86."name" ELSE t87."name" END AS "name",
                        CASE WHEN t86.updated_at <= $1::timestamptz THEN t86."legal_name" ELSE t87."legal_name" END AS "legal_name",
                        CASE WHEN t86.updated_at <= $1::timestamptz THEN t86."kind" ELSE t87."kind" END AS "kind",
                        CASE WHEN t86.updated_at <= $1::timestamptz THEN t86."register" ELSE t87."register" END AS "register",
                        CASE
                          WHEN t86.updated_at <= $1::timestamptz THEN t86."registration_no" ELSE t87."registration_no"
                        END AS "registration_no",
                        CASE WHEN t86.updated_at <= $1::timestamptz THEN t86."lei" ELSE t87."lei" END AS "lei",
                        CASE WHEN t86.updated_at <= $1::timestamptz THEN t86."duns" ELSE t87."duns" END AS "duns",
                        CASE
                          WHEN t86.updated_at <= $1::timestamptz THEN t86."tax_registrations"
                          ELSE t87."tax_registrations"
                        END AS "tax_registrations",
                        CASE WHEN t86.updated_at <= $1::timestamptz THEN t86."street" ELSE t87."street" END AS "street",
                        CASE WHEN t86.updated_at <= $1::timestamptz THEN t86."city" ELSE t87."city" END AS "city",
                        CASE WHEN t86.updated_at <= $1::timestamptz THEN t86."postcode" ELSE t87."postcode" END AS "postcode",
                        CASE WHEN t86.updated_at <= $1::timestamptz THEN t86."region" ELSE t87."region" END AS "region",
                        CASE WHEN t86.updated_at <= $1::timestamptz THEN t86."country" ELSE t87."country" END AS "country",
                        CASE WHEN t86.updated_at <= $1::timestamptz THEN t86."domain" ELSE t87."domain" END AS "domain",
                        CASE WHEN t86.updated_at <= $1::timestamptz THEN t86."website" ELSE t87."website" END AS "website",
                        CASE WHEN t86.updated_at <= $1::timestamptz THEN t86."phone" ELSE t87."phone" END AS "phone",
                        CASE WHEN t86.updated_at <= $1::timestamptz THEN t86."email" ELSE t87."email" END AS "email",
                        CASE WHEN t86.updated_at <= $1::timestamptz THEN t86."former_names" ELSE t87."former_names" END AS "former_names",
                        CASE WHEN t86.updated_at <= $1::timestamptz THEN t86."aliases" ELSE t87."aliases" END AS "aliases",
                        CASE WHEN t86.updated_at <= $1::timestamptz THEN t86."industry" ELSE t87."industry" END AS "industry",
                        CASE WHEN t86.updated_at <= $1::timestamptz THEN t86."segment" ELSE t87."segment" END AS "segment",
                        CASE WHEN t86.updated_at <= $1::timestamptz THEN t86."tier" ELSE t87."tier" END AS "tier",
                        CASE WHEN t86.updated_at <= $1::timestamptz THEN t86."language" ELSE t87."language" END AS "language",
                        CASE
                          WHEN t86.updated_at <= $1::timestamptz THEN t86."account_manager_id"
                          ELSE t87."account_manager_id"
                        END AS "account_manager_id",
                        CASE WHEN t86.updated_at <= $1::timestamptz THEN t86."protected" ELSE t87."protected" END AS "protected",
                        CASE
                          WHEN t86.updated_at <= $1::timestamptz THEN t86."do_not_contact" ELSE t87."do_not_contact"
                        END AS "do_not_contact",
                        CASE WHEN t86.updated_at <= $1::timestamptz THEN t86."blocked" ELSE t87."blocked" END AS "blocked",
                        CASE WHEN t86.updated_at <= $1::timestamptz THEN t86."state" ELSE t87."state" END AS "state",
                        CASE
                          WHEN t86.updated_at <= $1::timestamptz THEN t86."plain_version" ELSE t87."plain_version"
                        END AS "plain_version"
                      FROM (
                        SELECT t89.id
                        FROM api.client AS t89
                        WHERE lower(t89."name") = lower($8::text) AND t89."name" = $8::text
                        UNION SELECT t90.golden_id AS id
                        FROM api.former_value AS t90
                        WHERE t90.entity = 'client'
                          AND t90.field = 'name'
                          AND t90.until > $1::timestamptz
                          AND t90.value = lower(($9::text)::text)
                      ) AS t88
                      JOIN api.client AS t86 ON t86.id = t88.id
                      LEFT JOIN LATERAL (
                        SELECT t91.*
                        FROM api.client_version AS t91
                        WHERE t86.updated_at > $1::timestamptz
                          AND t91.id = t86.id
                          AND t91.recorded_at <= $1::timestamptz
                        ORDER BY t91.recorded_at DESC
                        LIMIT 1
                      ) AS t87 ON true
                      WHERE (t86.updated_at <= $1::timestamptz OR t87.version IS NOT NULL)
                    )
                    UNION ALL (
                      SELECT t92.loser_id AS "id", t93."version", t93."record_state", t93."created_at",
                        t93."updated_at", t93."extra", t93."name", t93."legal_name", t93."kind", t93."register",
                        t93."registration_no", t93."lei", t93."duns", t93."tax_registrations", t93."street", t93."city",
                        t93."postcode", t93."region", t93."country", t93."domain", t93."website", t93."phone",
                        t93."email", t93."former_names", t93."aliases", t93."industry", t93."segment", t93."tier",
                        t93."language", t93."account_manager_id", t93."protected", t93."do_not_contact", t93."blocked",
                        t93."state", t93."plain_version"
                      FROM (
                        SELECT t96.golden_id AS id
                        FROM api.former_value AS t96
                        WHERE t96.entity = 'client'
                          AND t96.field = 'name'
                          AND t96.until > $1::timestamptz
                          AND t96.value = lower(($10::text)::text)
                      ) AS t95
                      JOIN api.forward AS t92 ON t92.loser_id = t95.id
                      CROSS JOIN LATERAL (
                        SELECT t97.*
                        FROM api.client_version AS t97
                        WHERE t97.id = t92.loser_id AND t97.recorded_at <= $1::timestamptz
                        ORDER BY t97.recorded_at DESC
                        LIMIT 1
                      ) AS t93
                      WHERE t92.entity = 'client'
                        AND (SELECT d.made_at FROM api.decision AS d WHERE d.id = t92.decision_id) > $1::timestamptz
                        AND NOT EXISTS (SELECT FROM api.client AS t94 WHERE t94.id = t92.loser_id)
                    )
                  ) AS t85
                  WHERE lower(t85."name") = lower($11::text) AND t85."name" = $11::text
                )
            ) AS t69
            JOIN api.project AS t67 ON t67.id = t69.id
            LEFT JOIN LATERAL (
              SELECT t98.*
              FROM api.project_version AS t98
              WHERE t67.updated_at > $1::timestamptz AND t98.id = t67.id AND t98.recorded_at <= $1::timestamptz
              ORDER BY t98.recorded_at DESC
              LIMIT 1
            ) AS t68 ON true
            WHERE (t67.updated_at <= $1::timestamptz OR t68.version IS NOT NULL)
          )
          UNION ALL (
            SELECT t99.loser_id AS "id", t100."version", t100."record_state", t100."created_at", t100."updated_at",
              t100."extra", t100."code", t100."name", t100."description", t100."client_id", t100."legal_entity_id",
              t100."engagement_id", t100."contract_id", t100."contract_lines", t100."opportunity_id", t100."kind",
              t100."billable", t100."manager_id", t100."delivery_region_id", t100."service_line_id", t100."start_date",
              t100."end_date", t100."percent_complete", t100."health", t100."currency", t100."template_id",
              t100."parent_id", t100."time_open", t100."expense_open", t100."billing_open", t100."state",
              t100."plain_version"
            FROM (
              SELECT t103.golden_id AS id
              FROM api.former_value AS t103
              WHERE t103.entity = 'project'
                AND t103.field = 'client_id'
                AND t103.until > $1::timestamptz
                AND t103.value::uuid IN (
                  SELECT t104.id
                  FROM LATERAL (
                    (
                      SELECT t105."id",
                        CASE WHEN t105.updated_at <= $1::timestamptz THEN t105."version" ELSE t106."version" END AS "version",
                        CASE
                          WHEN t105.updated_at <= $1::timestamptz THEN t105."record_state" ELSE t106."record_state"
                        END AS "record_state",
                        CASE WHEN t105.updated_at <= $1::timestamptz THEN t105."created_at" ELSE t106."created_at" END AS "created_at",
                        CASE WHEN t105.updated_at <= $1::timestamptz THEN t105."updated_at" ELSE t106."updated_at" END AS "updated_at",
                        CASE WHEN t105.updated_at <= $1::timestamptz THEN t105."extra" ELSE t106."extra" END AS "extra",
                        CASE WHEN t105.updated_at <= $1::timestamptz THEN t105."name" ELSE t106."name" END AS "name",
                        CASE WHEN t105.updated_at <= $1::timestamptz THEN t105."legal_name" ELSE t106."legal_name" END AS "legal_name",
                        CASE WHEN t105.updated_at <= $1::timestamptz THEN t105."kind" ELSE t106."kind" END AS "kind",
                        CASE WHEN t105.updated_at <= $1::timestamptz THEN t105."register" ELSE t106."register" END AS "register",
                        CASE
                          WHEN t105.updated_at <= $1::timestamptz THEN t105."registration_no"
                          ELSE t106."registration_no"
                        END AS "registration_no",
                        CASE WHEN t105.updated_at <= $1::timestamptz THEN t105."lei" ELSE t106."lei" END AS "lei",
                        CASE WHEN t105.updated_at <= $1::timestamptz THEN t105."duns" ELSE t106."duns" END AS "duns",
                        CASE
                          WHEN t105.updated_at <= $1::timestamptz THEN t105."tax_registrations"
                          ELSE t106."tax_registrations"
                        END AS "tax_registrations",
                        CASE WHEN t105.updated_at <= $1::timestamptz THEN t105."street" ELSE t106."street" END AS "street",
                        CASE WHEN t105.updated_at <= $1::timestamptz THEN t105."city" ELSE t106."city" END AS "city",
                        CASE WHEN t105.updated_at <= $1::timestamptz THEN t105."postcode" ELSE t106."postcode" END AS "postcode",
                        CASE WHEN t105.updated_at <= $1::timestamptz THEN t105."region" ELSE t106."region" END AS "region",
                        CASE WHEN t105.updated_at <= $1::timestamptz THEN t105."country" ELSE t106."country" END AS "country",
                        CASE WHEN t105.updated_at <= $1::timestamptz THEN t105."domain" ELSE t106."domain" END AS "domain",
                        CASE WHEN t105.updated_at <= $1::timestamptz THEN t105."website" ELSE t106."website" END AS "website",
                        CASE WHEN t105.updated_at <= $1::timestamptz THEN t105."phone" ELSE t106."phone" END AS "phone",
                        CASE WHEN t105.updated_at <= $1::timestamptz THEN t105."email" ELSE t106."email" END AS "email",
                        CASE
                          WHEN t105.updated_at <= $1::timestamptz THEN t105."former_names" ELSE t106."former_names"
                        END AS "former_names",
                        CASE WHEN t105.updated_at <= $1::timestamptz THEN t105."aliases" ELSE t106."aliases" END AS "aliases",
                        CASE WHEN t105.updated_at <= $1::timestamptz THEN t105."industry" ELSE t106."industry" END AS "industry",
                        CASE WHEN t105.updated_at <= $1::timestamptz THEN t105."segment" ELSE t106."segment" END AS "segment",
                        CASE WHEN t105.updated_at <= $1::timestamptz THEN t105."tier" ELSE t106."tier" END AS "tier",
                        CASE WHEN t105.updated_at <= $1::timestamptz THEN t105."language" ELSE t106."language" END AS "language",
                        CASE
                          WHEN t105.updated_at <= $1::timestamptz THEN t105."account_manager_id"
                          ELSE t106."account_manager_id"
                        END AS "account_manager_id",
                        CASE WHEN t105.updated_at <= $1::timestamptz THEN t105."protected" ELSE t106."protected" END AS "protected",
                        CASE
                          WHEN t105.updated_at <= $1::timestamptz THEN t105."do_not_contact" ELSE t106."do_not_contact"
                        END AS "do_not_contact",
                        CASE WHEN t105.updated_at <= $1::timestamptz THEN t105."blocked" ELSE t106."blocked" END AS "blocked",
                        CASE WHEN t105.updated_at <= $1::timestamptz THEN t105."state" ELSE t106."state" END AS "state",
                        CASE
                          WHEN t105.updated_at <= $1::timestamptz THEN t105."plain_version" ELSE t106."plain_version"
                        END AS "plain_version"
                      FROM (
                        SELECT t108.id
                        FROM api.client AS t108
                        WHERE lower(t108."name") = lower($12::text) AND t108."name" = $12::text
                        UNION SELECT t109.golden_id AS id
                        FROM api.former_value AS t109
                        WHERE t109.entity = 'client'
                          AND t109.field = 'name'
                          AND t109.until > $1::timestamptz
                          AND t109.value = lower(($13::text)::text)
                      ) AS t107
                      JOIN api.client AS t105 ON t105.id = t107.id
                      LEFT JOIN LATERAL (
                        SELECT t110.*
                        FROM api.client_version AS t110
                        WHERE t105.updated_at > $1::timestamptz
                          AND t110.id = t105.id
                          AND t110.recorded_at <= $1::timestamptz
                        ORDER BY t110.recorded_at DESC
                        LIMIT 1
                      ) AS t106 ON true
                      WHERE (t105.updated_at <= $1::timestamptz OR t106.version IS NOT NULL)
                    )
                    UNION ALL (
                      SELECT t111.loser_id AS "id", t112."version", t112."record_state", t112."created_at",
                        t112."updated_at", t112."extra", t112."name", t112."legal_name", t112."kind", t112."register",
                        t112."registration_no", t112."lei", t112."duns", t112."tax_registrations", t112."street",
                        t112."city", t112."postcode", t112."region", t112."country", t112."domain", t112."website",
                        t112."phone", t112."email", t112."former_names", t112."aliases", t112."industry",
                        t112."segment", t112."tier", t112."language", t112."account_manager_id", t112."protected",
                        t112."do_not_contact", t112."blocked", t112."state", t112."plain_version"
                      FROM (
                        SELECT t115.golden_id AS id
                        FROM api.former_value AS t115
                        WHERE t115.entity = 'client'
                          AND t115.field = 'name'
                          AND t115.until > $1::timestamptz
                          AND t115.value = lower(($14::text)::text)
                      ) AS t114
                      JOIN api.forward AS t111 ON t111.loser_id = t114.id
                      CROSS JOIN LATERAL (
                        SELECT t116.*
                        FROM api.client_version AS t116
                        WHERE t116.id = t111.loser_id AND t116.recorded_at <= $1::timestamptz
                        ORDER BY t116.recorded_at DESC
                        LIMIT 1
                      ) AS t112
                      WHERE t111.entity = 'client'
                        AND (SELECT d.made_at FROM api.decision AS d WHERE d.id = t111.decision_id) > $1::timestamptz
                        AND NOT EXISTS (SELECT FROM api.client AS t113 WHERE t113.id = t111.loser_id)
                    )
                  ) AS t104
                  WHERE lower(t104."name") = lower($15::text) AND t104."name" = $15::text
                )
            ) AS t102
            JOIN api.forward AS t99 ON t99.loser_id = t102.id
            CROSS JOIN LATERAL (
              SELECT t117.*
              FROM api.project_version AS t117
              WHERE t117.id = t99.loser_id AND t117.recorded_at <= $1::timestamptz
              ORDER BY t117.recorded_at DESC
              LIMIT 1
            ) AS t100
            WHERE t99.entity = 'project'
              AND (SELECT d.made_at FROM api.decision AS d WHERE d.id = t99.decision_id) > $1::timestamptz
              AND NOT EXISTS (SELECT FROM api.project AS t101 WHERE t101.id = t99.loser_id)
          )
        ) AS t57
        WHERE EXISTS (
          SELECT
          FROM LATERAL (
            (
              SELECT t59."id",
                CASE WHEN t59.updated_at <= $1::timestamptz THEN t59."version" ELSE t60."version" END AS "version",
                CASE WHEN t59.updated_at <= $1::timestamptz THEN t59."record_state" ELSE t60."record_state" END AS "record_state",
                CASE WHEN t59.updated_at <= $1::timestamptz THEN t59."created_at" ELSE t60."created_at" END AS "created_at",
                CASE WHEN t59.updated_at <= $1::timestamptz THEN t59."updated_at" ELSE t60."updated_at" END AS "updated_at",
                CASE WHEN t59.updated_at <= $1::timestamptz THEN t59."extra" ELSE t60."extra" END AS "extra",
                CASE WHEN t59.updated_at <= $1::timestamptz THEN t59."name" ELSE t60."name" END AS "name",
                CASE WHEN t59.updated_at <= $1::timestamptz THEN t59."legal_name" ELSE t60."legal_name" END AS "legal_name",
                CASE WHEN t59.updated_at <= $1::timestamptz THEN t59."kind" ELSE t60."kind" END AS "kind",
                CASE WHEN t59.updated_at <= $1::timestamptz THEN t59."register" ELSE t60."register" END AS "register",
                CASE WHEN t59.updated_at <= $1::timestamptz THEN t59."registration_no" ELSE t60."registration_no" END AS "registration_no",
                CASE WHEN t59.updated_at <= $1::timestamptz THEN t59."lei" ELSE t60."lei" END AS "lei",
                CASE WHEN t59.updated_at <= $1::timestamptz THEN t59."duns" ELSE t60."duns" END AS "duns",
                CASE
                  WHEN t59.updated_at <= $1::timestamptz THEN t59."tax_registrations" ELSE t60."tax_registrations"
                END AS "tax_registrations",
                CASE WHEN t59.updated_at <= $1::timestamptz THEN t59."street" ELSE t60."street" END AS "street",
                CASE WHEN t59.updated_at <= $1::timestamptz THEN t59."city" ELSE t60."city" END AS "city",
                CASE WHEN t59.updated_at <= $1::timestamptz THEN t59."postcode" ELSE t60."postcode" END AS "postcode",
                CASE WHEN t59.updated_at <= $1::timestamptz THEN t59."region" ELSE t60."region" END AS "region",
                CASE WHEN t59.updated_at <= $1::timestamptz THEN t59."country" ELSE t60."country" END AS "country",
                CASE WHEN t59.updated_at <= $1::timestamptz THEN t59."domain" ELSE t60."domain" END AS "domain",
                CASE WHEN t59.updated_at <= $1::timestamptz THEN t59."website" ELSE t60."website" END AS "website",
                CASE WHEN t59.updated_at <= $1::timestamptz THEN t59."phone" ELSE t60."phone" END AS "phone",
                CASE WHEN t59.updated_at <= $1::timestamptz THEN t59."email" ELSE t60."email" END AS "email",
                CASE WHEN t59.updated_at <= $1::timestamptz THEN t59."former_names" ELSE t60."former_names" END AS "former_names",
                CASE WHEN t59.updated_at <= $1::timestamptz THEN t59."aliases" ELSE t60."aliases" END AS "aliases",
                CASE WHEN t59.updated_at <= $1::timestamptz THEN t59."industry" ELSE t60."industry" END AS "industry",
                CASE WHEN t59.updated_at <= $1::timestamptz THEN t59."segment" ELSE t60."segment" END AS "segment",
                CASE WHEN t59.updated_at <= $1::timestamptz THEN t59."tier" ELSE t60."tier" END AS "tier",
                CASE WHEN t59.updated_at <= $1::timestamptz THEN t59."language" ELSE t60."language" END AS "language",
                CASE
                  WHEN t59.updated_at <= $1::timestamptz THEN t59."account_manager_id" ELSE t60."account_manager_id"
                END AS "account_manager_id",
                CASE WHEN t59.updated_at <= $1::timestamptz THEN t59."protected" ELSE t60."protected" END AS "protected",
                CASE WHEN t59.updated_at <= $1::timestamptz THEN t59."do_not_contact" ELSE t60."do_not_contact" END AS "do_not_contact",
                CASE WHEN t59.updated_at <= $1::timestamptz THEN t59."blocked" ELSE t60."blocked" END AS "blocked",
                CASE WHEN t59.updated_at <= $1::timestamptz THEN t59."state" ELSE t60."state" END AS "state",
                CASE WHEN t59.updated_at <= $1::timestamptz THEN t59."plain_version" ELSE t60."plain_version" END AS "plain_version"
              FROM api.client AS t59
              LEFT JOIN LATERAL (
                SELECT t61.*
                FROM api.client_version AS t61
                WHERE t59.updated_at > $1::timestamptz AND t61.id = t59.id AND t61.recorded_at <= $1::timestamptz
                ORDER BY t61.recorded_at DESC
                LIMIT 1
              ) AS t60 ON true
              WHERE (t59.updated_at <= $1::timestamptz OR t60.version IS NOT NULL) AND t59.id = t57.client_id
            )
            UNION ALL (
              SELECT t62.loser_id AS "id", t63."version", t63."record_state", t63."created_at", t63."updated_at",
                t63."extra", t63."name", t63."legal_name", t63."kind", t63."register", t63."registration_no", t63."lei",
                t63."duns", t63."tax_registrations", t63."street", t63."city", t63."postcode", t63."region",
                t63."country", t63."domain", t63."website", t63."phone", t63."email", t63."former_names", t63."aliases",
                t63."industry", t63."segment", t63."tier", t63."language", t63."account_manager_id", t63."protected",
                t63."do_not_contact", t63."blocked", t63."state", t63."plain_version"
              FROM api.forward AS t62
              CROSS JOIN LATERAL (
                SELECT t66.*
                FROM api.client_version AS t66
                WHERE t66.id = t62.loser_id AND t66.recorded_at <= $1::timestamptz
                ORDER BY t66.recorded_at DESC
                LIMIT 1
              ) AS t63
              WHERE t62.entity = 'client'
                AND (SELECT d.made_at FROM api.decision AS d WHERE d.id = t62.decision_id) > $1::timestamptz
                AND NOT EXISTS (SELECT FROM api.client AS t64 WHERE t64.id = t62.loser_id)
                AND t62.loser_id = t57.client_id
            )
          ) AS t58
          WHERE t58.id = t57.client_id AND lower(t58."name") = lower($3::text) AND t58."name" = $3::text
        )
        ORDER BY t57."id" ASC
        LIMIT 20
      ) AS t47
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
                  || coalesce(('{"country":' || to_json(t118.key1)::text), '{"country":null')
                  || '},"count":'
                  || t118.count::text
                  || '}'
              ),
              ','
            ),
            ''
          )
          || ']'
      )
      FROM (
        SELECT t119.*
        FROM (
          SELECT part.key1, coalesce(sum(part.count), 0)::bigint AS count
          FROM (
            SELECT t120."country" AS key1, count(*) AS count
            FROM LATERAL (
              (
                SELECT t121."id",
                  CASE WHEN t121.updated_at <= $1::timestamptz THEN t121."version" ELSE t122."version" END AS "version",
                  CASE WHEN t121.updated_at <= $1::timestamptz THEN t121."record_state" ELSE t122."record_state" END AS "record_state",
                  CASE WHEN t121.updated_at <= $1::timestamptz THEN t121."created_at" ELSE t122."created_at" END AS "created_at",
                  CASE WHEN t121.updated_at <= $1::timestamptz THEN t121."updated_at" ELSE t122."updated_at" END AS "updated_at",
                  CASE WHEN t121.updated_at <= $1::timestamptz THEN t121."extra" ELSE t122."extra" END AS "extra",
                  CASE WHEN t121.updated_at <= $1::timestamptz THEN t121."name" ELSE t122."name" END AS "name",
                  CASE WHEN t121.updated_at <= $1::timestamptz THEN t121."legal_name" ELSE t122."legal_name" END AS "legal_name",
                  CASE WHEN t121.updated_at <= $1::timestamptz THEN t121."kind" ELSE t122."kind" END AS "kind",
                  CASE WHEN t121.updated_at <= $1::timestamptz THEN t121."register" ELSE t122."register" END AS "register",
                  CASE
                    WHEN t121.updated_at <= $1::timestamptz THEN t121."registration_no" ELSE t122."registration_no"
                  END AS "registration_no",
                  CASE WHEN t121.updated_at <= $1::timestamptz THEN t121."lei" ELSE t122."lei" END AS "lei",
                  CASE WHEN t121.updated_at <= $1::timestamptz THEN t121."duns" ELSE t122."duns" END AS "duns",
                  CASE
                    WHEN t121.updated_at <= $1::timestamptz THEN t121."tax_registrations" ELSE t122."tax_registrations"
                  END AS "tax_registrations",
                  CASE WHEN t121.updated_at <= $1::timestamptz THEN t121."street" ELSE t122."street" END AS "street",
                  CASE WHEN t121.updated_at <= $1::timestamptz THEN t121."city" ELSE t122."city" END AS "city",
                  CASE WHEN t121.updated_at <= $1::timestamptz THEN t121."postcode" ELSE t122."postcode" END AS "postcode",
                  CASE WHEN t121.updated_at <= $1::timestamptz THEN t121."region" ELSE t122."region" END AS "region",
                  CASE WHEN t121.updated_at <= $1::timestamptz THEN t121."country" ELSE t122."country" END AS "country",
                  CASE WHEN t121.updated_at <= $1::timestamptz THEN t121."domain" ELSE t122."domain" END AS "domain",
                  CASE WHEN t121.updated_at <= $1::timestamptz THEN t121."website" ELSE t122."website" END AS "website",
                  CASE WHEN t121.updated_at <= $1::timestamptz THEN t121."phone" ELSE t122."phone" END AS "phone",
                  CASE WHEN t121.updated_at <= $1::timestamptz THEN t121."email" ELSE t122."email" END AS "email",
                  CASE WHEN t121.updated_at <= $1::timestamptz THEN t121."former_names" ELSE t122."former_names" END AS "former_names",
                  CASE WHEN t121.updated_at <= $1::timestamptz THEN t121."aliases" ELSE t122."aliases" END AS "aliases",
                  CASE WHEN t121.updated_at <= $1::timestamptz THEN t121."industry" ELSE t122."industry" END AS "industry",
                  CASE WHEN t121.updated_at <= $1::timestamptz THEN t121."segment" ELSE t122."segment" END AS "segment",
                  CASE WHEN t121.updated_at <= $1::timestamptz THEN t121."tier" ELSE t122."tier" END AS "tier",
                  CASE WHEN t121.updated_at <= $1::timestamptz THEN t121."language" ELSE t122."language" END AS "language",
                  CASE
                    WHEN t121.updated_at <= $1::timestamptz THEN t121."account_manager_id"
                    ELSE t122."account_manager_id"
                  END AS "account_manager_id",
                  CASE WHEN t121.updated_at <= $1::timestamptz THEN t121."protected" ELSE t122."protected" END AS "protected",
                  CASE WHEN t121.updated_at <= $1::timestamptz THEN t121."do_not_contact" ELSE t122."do_not_contact" END AS "do_not_contact",
                  CASE WHEN t121.updated_at <= $1::timestamptz THEN t121."blocked" ELSE t122."blocked" END AS "blocked",
                  CASE WHEN t121.updated_at <= $1::timestamptz THEN t121."state" ELSE t122."state" END AS "state",
                  CASE WHEN t121.updated_at <= $1::timestamptz THEN t121."plain_version" ELSE t122."plain_version" END AS "plain_version"
                FROM api.client AS t121
                LEFT JOIN LATERAL (
                  SELECT t123.*
                  FROM api.client_version AS t123
                  WHERE t121.updated_at > $1::timestamptz AND t123.id = t121.id AND t123.recorded_at <= $1::timestamptz
                  ORDER BY t123.recorded_at DESC
                  LIMIT 1
                ) AS t122 ON true
                WHERE (t121.updated_at <= $1::timestamptz OR t122.version IS NOT NULL)
              )
              UNION ALL (
                SELECT t124.loser_id AS "id", t125."version", t125."record_state", t125."created_at", t125."updated_at",
                  t125."extra", t125."name", t125."legal_name", t125."kind", t125."register", t125."registration_no",
                  t125."lei", t125."duns", t125."tax_registrations", t125."street", t125."city", t125."postcode",
                  t125."region", t125."country", t125."domain", t125."website", t125."phone", t125."email",
                  t125."former_names", t125."aliases", t125."industry", t125."segment", t125."tier", t125."language",
                  t125."account_manager_id", t125."protected", t125."do_not_contact", t125."blocked", t125."state",
                  t125."plain_version"
                FROM api.forward AS t124
                CROSS JOIN LATERAL (
                  SELECT t128.*
                  FROM api.client_version AS t128
                  WHERE t128.id = t124.loser_id AND t128.recorded_at <= $1::timestamptz
                  ORDER BY t128.recorded_at DESC
                  LIMIT 1
                ) AS t125
                WHERE t124.entity = 'client'
                  AND (SELECT d.made_at FROM api.decision AS d WHERE d.id = t124.decision_id) > $1::timestamptz
                  AND NOT EXISTS (SELECT FROM api.client AS t126 WHERE t126.id = t124.loser_id)
              )
            ) AS t120
            WHERE true
            GROUP BY 1
          ) AS part
          GROUP BY part.key1
        ) AS t119
        WHERE true
        ORDER BY t119.key1 NULLS LAST
        LIMIT $16::bigint OFFSET $17::bigint
      ) AS t118
    ),
    'UTF8'
  )
