SELECT convert_to(
  coalesce(
    (
      SELECT (
        CASE
          WHEN t3.plain_version = t3.version THEN (
            '{"id":"' || t3.id::text || '"' || coalesce((',"name":"' || t3."name" || '"'), ',"name":null')
          )
          ELSE ('{"id":"' || t3.id::text || '"' || coalesce((',"name":' || to_json(t3."name")::text), ',"name":null'))
        END
          || '}'
      ) AS o
      FROM LATERAL (
        (
          SELECT t4."id",
            CASE WHEN t4.updated_at <= $2::timestamptz THEN t4."version" ELSE t5."version" END AS "version",
            CASE WHEN t4.updated_at <= $2::timestamptz THEN t4."record_state" ELSE t5."record_state" END AS "record_state",
            CASE WHEN t4.updated_at <= $2::timestamptz THEN t4."created_at" ELSE t5."created_at" END AS "created_at",
            CASE WHEN t4.updated_at <= $2::timestamptz THEN t4."updated_at" ELSE t5."updated_at" END AS "updated_at",
            CASE WHEN t4.updated_at <= $2::timestamptz THEN t4."extra" ELSE t5."extra" END AS "extra",
            CASE WHEN t4.updated_at <= $2::timestamptz THEN t4."name" ELSE t5."name" END AS "name",
            CASE WHEN t4.updated_at <= $2::timestamptz THEN t4."legal_name" ELSE t5."legal_name" END AS "legal_name",
            CASE WHEN t4.updated_at <= $2::timestamptz THEN t4."kind" ELSE t5."kind" END AS "kind",
            CASE WHEN t4.updated_at <= $2::timestamptz THEN t4."register" ELSE t5."register" END AS "register",
            CASE WHEN t4.updated_at <= $2::timestamptz THEN t4."registration_no" ELSE t5."registration_no" END AS "registration_no",
            CASE WHEN t4.updated_at <= $2::timestamptz THEN t4."lei" ELSE t5."lei" END AS "lei",
            CASE WHEN t4.updated_at <= $2::timestamptz THEN t4."duns" ELSE t5."duns" END AS "duns",
            CASE WHEN t4.updated_at <= $2::timestamptz THEN t4."tax_registrations" ELSE t5."tax_registrations" END AS "tax_registrations",
            CASE WHEN t4.updated_at <= $2::timestamptz THEN t4."street" ELSE t5."street" END AS "street",
            CASE WHEN t4.updated_at <= $2::timestamptz THEN t4."city" ELSE t5."city" END AS "city",
            CASE WHEN t4.updated_at <= $2::timestamptz THEN t4."postcode" ELSE t5."postcode" END AS "postcode",
            CASE WHEN t4.updated_at <= $2::timestamptz THEN t4."region" ELSE t5."region" END AS "region",
            CASE WHEN t4.updated_at <= $2::timestamptz THEN t4."country" ELSE t5."country" END AS "country",
            CASE WHEN t4.updated_at <= $2::timestamptz THEN t4."domain" ELSE t5."domain" END AS "domain",
            CASE WHEN t4.updated_at <= $2::timestamptz THEN t4."website" ELSE t5."website" END AS "website",
            CASE WHEN t4.updated_at <= $2::timestamptz THEN t4."phone" ELSE t5."phone" END AS "phone",
            CASE WHEN t4.updated_at <= $2::timestamptz THEN t4."email" ELSE t5."email" END AS "email",
            CASE WHEN t4.updated_at <= $2::timestamptz THEN t4."former_names" ELSE t5."former_names" END AS "former_names",
            CASE WHEN t4.updated_at <= $2::timestamptz THEN t4."aliases" ELSE t5."aliases" END AS "aliases",
            CASE WHEN t4.updated_at <= $2::timestamptz THEN t4."industry" ELSE t5."industry" END AS "industry",
            CASE WHEN t4.updated_at <= $2::timestamptz THEN t4."segment" ELSE t5."segment" END AS "segment",
            CASE WHEN t4.updated_at <= $2::timestamptz THEN t4."tier" ELSE t5."tier" END AS "tier",
            CASE WHEN t4.updated_at <= $2::timestamptz THEN t4."language" ELSE t5."language" END AS "language",
            CASE WHEN t4.updated_at <= $2::timestamptz THEN t4."account_manager_id" ELSE t5."account_manager_id" END AS "account_manager_id",
            CASE WHEN t4.updated_at <= $2::timestamptz THEN t4."protected" ELSE t5."protected" END AS "protected",
            CASE WHEN t4.updated_at <= $2::timestamptz THEN t4."do_not_contact" ELSE t5."do_not_contact" END AS "do_not_contact",
            CASE WHEN t4.updated_at <= $2::timestamptz THEN t4."blocked" ELSE t5."blocked" END AS "blocked",
            CASE WHEN t4.updated_at <= $2::timestamptz THEN t4."state" ELSE t5."state" END AS "state",
            CASE WHEN t4.updated_at <= $2::timestamptz THEN t4."plain_version" ELSE t5."plain_version" END AS "plain_version"
          FROM api.client AS t4
          LEFT JOIN LATERAL (
            SELECT t6.*
            FROM api.client_version AS t6
            WHERE t4.updated_at > $2::timestamptz AND t6.id = t4.id AND t6.recorded_at <= $2::timestamptz
            ORDER BY t6.recorded_at DESC
            LIMIT 1
          ) AS t5 ON true
          WHERE (t4.updated_at <= $2::timestamptz OR t5.version IS NOT NULL)
            AND t4.id = CASE
              WHEN EXISTS (SELECT FROM api.client AS g WHERE g.id = $1::uuid) THEN $1::uuid
              ELSE coalesce(
                (
                  WITH RECURSIVE t1 (survivor, steps) AS (
                    SELECT survivor_id, 1
                    FROM (
                      SELECT f.*
                      FROM api.forward AS f
                      JOIN api.decision AS d ON d.id = f.decision_id AND d.made_at <= $2::timestamptz
                    ) AS f
                    WHERE loser_id = $1::uuid
                    UNION ALL SELECT t2.survivor_id, t1.steps + 1
                    FROM t1
                    JOIN (
                      SELECT f.*
                      FROM api.forward AS f
                      JOIN api.decision AS d ON d.id = f.decision_id AND d.made_at <= $2::timestamptz
                    ) AS t2 ON t2.loser_id = t1.survivor
                    WHERE t1.steps < 20
                  )
                  SELECT survivor
                  FROM t1
                  ORDER BY steps DESC
                  LIMIT 1
                ),
                $1::uuid
              )
            END
        )
        UNION ALL (
          SELECT t7.loser_id AS "id", t8."version", t8."record_state", t8."created_at", t8."updated_at", t8."extra",
            t8."name", t8."legal_name", t8."kind", t8."register", t8."registration_no", t8."lei", t8."duns",
            t8."tax_registrations", t8."street", t8."city", t8."postcode", t8."region", t8."country", t8."domain",
            t8."website", t8."phone", t8."email", t8."former_names", t8."aliases", t8."industry", t8."segment",
            t8."tier", t8."language", t8."account_manager_id", t8."protected", t8."do_not_contact", t8."blocked",
            t8."state", t8."plain_version"
          FROM api.forward AS t7
          CROSS JOIN LATERAL (
            SELECT t11.*
            FROM api.client_version AS t11
            WHERE t11.id = t7.loser_id AND t11.recorded_at <= $2::timestamptz
            ORDER BY t11.recorded_at DESC
            LIMIT 1
          ) AS t8
          WHERE t7.entity = 'client'
            AND (SELECT d.made_at FROM api.decision AS d WHERE d.id = t7.decision_id) > $2::timestamptz
            AND NOT EXISTS (SELECT FROM api.client AS t9 WHERE t9.id = t7.loser_id)
            AND t7.loser_id = CASE
              WHEN EXISTS (SELECT FROM api.client AS g WHERE g.id = $1::uuid) THEN $1::uuid
              ELSE coalesce(
                (
                  WITH RECURSIVE t1 (survivor, steps) AS (
                    SELECT survivor_id, 1
                    FROM (
                      SELECT f.*
                      FROM api.forward AS f
                      JOIN api.decision AS d ON d.id = f.decision_id AND d.made_at <= $2::timestamptz
                    ) AS f
                    WHERE loser_id = $1::uuid
                    UNION ALL SELECT t2.survivor_id, t1.steps + 1
                    FROM t1
                    JOIN (
                      SELECT f.*
                      FROM api.forward AS f
                      JOIN api.decision AS d ON d.id = f.decision_id AND d.made_at <= $2::timestamptz
                    ) AS t2 ON t2.loser_id = t1.survivor
                    WHERE t1.steps < 20
                  )
                  SELECT survivor
                  FROM t1
                  ORDER BY steps DESC
                  LIMIT 1
                ),
                $1::uuid
              )
            END
        )
      ) AS t3
      WHERE t3.id = CASE
        WHEN EXISTS (SELECT FROM api.client AS g WHERE g.id = $1::uuid) THEN $1::uuid
        ELSE coalesce(
          (
            WITH RECURSIVE t1 (survivor, steps) AS (
              SELECT survivor_id, 1
              FROM (
                SELECT f.*
                FROM api.forward AS f
                JOIN api.decision AS d ON d.id = f.decision_id AND d.made_at <= $2::timestamptz
              ) AS f
              WHERE loser_id = $1::uuid
              UNION ALL SELECT t2.survivor_id, t1.steps + 1
              FROM t1
              JOIN (
                SELECT f.*
                FROM api.forward AS f
                JOIN api.decision AS d ON d.id = f.decision_id AND d.made_at <= $2::timestamptz
              ) AS t2 ON t2.loser_id = t1.survivor
              WHERE t1.steps < 20
            )
            SELECT survivor
            FROM t1
            ORDER BY steps DESC
            LIMIT 1
          ),
          $1::uuid
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
                  WHEN t12.plain_version = t12.version THEN coalesce(('{"name":"' || t12."name" || '"'), '{"name":null')
                  ELSE coalesce(('{"name":' || to_json(t12."name")::text), '{"name":null')
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
        SELECT t13.*
        FROM LATERAL (
          (
            SELECT t14."id",
              CASE WHEN t14.updated_at <= $2::timestamptz THEN t14."version" ELSE t15."version" END AS "version",
              CASE WHEN t14.updated_at <= $2::timestamptz THEN t14."record_state" ELSE t15."record_state" END AS "record_state",
              CASE WHEN t14.updated_at <= $2::timestamptz THEN t14."created_at" ELSE t15."created_at" END AS "created_at",
              CASE WHEN t14.updated_at <= $2::timestamptz THEN t14."updated_at" ELSE t15."updated_at" END AS "updated_at",
              CASE WHEN t14.updated_at <= $2::timestamptz THEN t14."extra" ELSE t15."extra" END AS "extra",
              CASE WHEN t14.updated_at <= $2::timestamptz THEN t14."name" ELSE t15."name" END AS "name",
              CASE WHEN t14.updated_at <= $2::timestamptz THEN t14."legal_name" ELSE t15."legal_name" END AS "legal_name",
              CASE WHEN t14.updated_at <= $2::timestamptz THEN t14."kind" ELSE t15."kind" END AS "kind",
              CASE WHEN t14.updated_at <= $2::timestamptz THEN t14."register" ELSE t15."register" END AS "register",
              CASE WHEN t14.updated_at <= $2::timestamptz THEN t14."registration_no" ELSE t15."registration_no" END AS "registration_no",
              CASE WHEN t14.updated_at <= $2::timestamptz THEN t14."lei" ELSE t15."lei" END AS "lei",
              CASE WHEN t14.updated_at <= $2::timestamptz THEN t14."duns" ELSE t15."duns" END AS "duns",
              CASE WHEN t14.updated_at <= $2::timestamptz THEN t14."tax_registrations" ELSE t15."tax_registrations" END AS "tax_registrations",
              CASE WHEN t14.updated_at <= $2::timestamptz THEN t14."street" ELSE t15."street" END AS "street",
              CASE WHEN t14.updated_at <= $2::timestamptz THEN t14."city" ELSE t15."city" END AS "city",
              CASE WHEN t14.updated_at <= $2::timestamptz THEN t14."postcode" ELSE t15."postcode" END AS "postcode",
              CASE WHEN t14.updated_at <= $2::timestamptz THEN t14."region" ELSE t15."region" END AS "region",
              CASE WHEN t14.updated_at <= $2::timestamptz THEN t14."country" ELSE t15."country" END AS "country",
              CASE WHEN t14.updated_at <= $2::timestamptz THEN t14."domain" ELSE t15."domain" END AS "domain",
              CASE WHEN t14.updated_at <= $2::timestamptz THEN t14."website" ELSE t15."website" END AS "website",
              CASE WHEN t14.updated_at <= $2::timestamptz THEN t14."phone" ELSE t15."phone" END AS "phone",
              CASE WHEN t14.updated_at <= $2::timestamptz THEN t14."email" ELSE t15."email" END AS "email",
              CASE WHEN t14.updated_at <= $2::timestamptz THEN t14."former_names" ELSE t15."former_names" END AS "former_names",
              CASE WHEN t14.updated_at <= $2::timestamptz THEN t14."aliases" ELSE t15."aliases" END AS "aliases",
              CASE WHEN t14.updated_at <= $2::timestamptz THEN t14."industry" ELSE t15."industry" END AS "industry",
              CASE WHEN t14.updated_at <= $2::timestamptz THEN t14."segment" ELSE t15."segment" END AS "segment",
              CASE WHEN t14.updated_at <= $2::timestamptz THEN t14."tier" ELSE t15."tier" END AS "tier",
              CASE WHEN t14.updated_at <= $2::timestamptz THEN t14."language" ELSE t15."language" END AS "language",
              CASE
                WHEN t14.updated_at <= $2::timestamptz THEN t14."account_manager_id" ELSE t15."account_manager_id"
              END AS "account_manager_id",
              CASE WHEN t14.updated_at <= $2::timestamptz THEN t14."protected" ELSE t15."protected" END AS "protected",
              CASE WHEN t14.updated_at <= $2::timestamptz THEN t14."do_not_contact" ELSE t15."do_not_contact" END AS "do_not_contact",
              CASE WHEN t14.updated_at <= $2::timestamptz THEN t14."blocked" ELSE t15."blocked" END AS "blocked",
              CASE WHEN t14.updated_at <= $2::timestamptz THEN t14."state" ELSE t15."state" END AS "state",
              CASE WHEN t14.updated_at <= $2::timestamptz THEN t14."plain_version" ELSE t15."plain_version" END AS "plain_version"
            FROM (
              SELECT t17.id
              FROM api.client AS t17
              WHERE lower(t17."name") ~>=~ lower($4::text)
                AND lower(t17."name") ~<~ (lower($4::text) || chr(1114111))
                AND starts_with(lower(t17."name"), lower($4::text))
              UNION SELECT t18.golden_id AS id
              FROM api.former_value AS t18
              WHERE t18.entity = 'client'
                AND t18.field = 'name'
                AND t18.until > $2::timestamptz
                AND t18.value >= lower(($5::text)::text)
                AND t18.value < (lower(($5::text)::text) || chr(1114111))
            ) AS t16
            JOIN api.client AS t14 ON t14.id = t16.id
            LEFT JOIN LATERAL (
              SELECT t19.*
              FROM api.client_version AS t19
              WHERE t14.updated_at > $2::timestamptz AND t19.id = t14.id AND t19.recorded_at <= $2::timestamptz
              ORDER BY t19.recorded_at DESC
              LIMIT 1
            ) AS t15 ON true
            WHERE (t14.updated_at <= $2::timestamptz OR t15.version IS NOT NULL)
          )
          UNION ALL (
            SELECT t20.loser_id AS "id", t21."version", t21."record_state", t21."created_at", t21."updated_at",
              t21."extra", t21."name", t21."legal_name", t21."kind", t21."register", t21."registration_no", t21."lei",
              t21."duns", t21."tax_registrations", t21."street", t21."city", t21."postcode", t21."region",
              t21."country", t21."domain", t21."website", t21."phone", t21."email", t21."former_names", t21."aliases",
              t21."industry", t21."segment", t21."tier", t21."language", t21."account_manager_id", t21."protected",
              t21."do_not_contact", t21."blocked", t21."state", t21."plain_version"
            FROM (
              SELECT t24.golden_id AS id
              FROM api.former_value AS t24
              WHERE t24.entity = 'client'
                AND t24.field = 'name'
                AND t24.until > $2::timestamptz
                AND t24.value >= lower(($6::text)::text)
                AND t24.value < (lower(($6::text)::text) || chr(1114111))
            ) AS t23
            JOIN api.forward AS t20 ON t20.loser_id = t23.id
            CROSS JOIN LATERAL (
              SELECT t25.*
              FROM api.client_version AS t25
              WHERE t25.id = t20.loser_id AND t25.recorded_at <= $2::timestamptz
              ORDER BY t25.recorded_at DESC
              LIMIT 1
            ) AS t21
            WHERE t20.entity = 'client'
              AND (SELECT d.made_at FROM api.decision AS d WHERE d.id = t20.decision_id) > $2::timestamptz
              AND NOT EXISTS (SELECT FROM api.client AS t22 WHERE t22.id = t20.loser_id)
          )
        ) AS t13
        WHERE lower(t13."name") ~>=~ lower($3::text)
          AND lower(t13."name") ~<~ (lower($3::text) || chr(1114111))
          AND starts_with(lower(t13."name"), lower($3::text))
        ORDER BY t13."id" ASC
        LIMIT 20
      ) AS t12
    ),
    'UTF8'
  )
