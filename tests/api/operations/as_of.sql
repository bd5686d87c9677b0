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
                CASE WHEN t3.updated_at <= $1::timestamptz THEN t3."updated_at" ELSE t4."updated_at" END AS "updated_at",
                CASE WHEN t3.updated_at <= $1::timestamptz THEN t3."name" ELSE t4."name" END AS "name",
                CASE WHEN t3.updated_at <= $1::timestamptz THEN t3."country" ELSE t4."country" END AS "country",
                CASE WHEN t3.updated_at <= $1::timestamptz THEN t3."plain_version" ELSE t4."plain_version" END AS "plain_version"
              FROM api.client AS t3
              LEFT JOIN LATERAL (
                SELECT t5."id", t5."version", t5."updated_at", t5."name", t5."country", t5."plain_version"
                FROM api.client_version AS t5
                WHERE t3.updated_at > $1::timestamptz AND t5.id = t3.id AND t5.recorded_at <= $1::timestamptz
                ORDER BY t5.recorded_at DESC
                LIMIT 1
              ) AS t4 ON true
              WHERE (t3.updated_at <= $1::timestamptz OR t4.id IS NOT NULL)
            )
            UNION ALL (
              SELECT t6.loser_id AS "id", t7."version", t7."updated_at", t7."name", t7."country", t7."plain_version"
              FROM api.forward AS t6
              CROSS JOIN LATERAL (
                SELECT t9."id", t9."version", t9."updated_at", t9."name", t9."country", t9."plain_version"
                FROM api.client_version AS t9
                WHERE t9.id = t6.loser_id AND t9.recorded_at <= $1::timestamptz
                ORDER BY t9.recorded_at DESC
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
                || (SELECT count(*) FROM api.change AS t11 WHERE t11.golden_id = t1.id AND t11."at" <= $1::timestamptz)::text
                || '}'
                || ',"contracts":'
                || (
                  SELECT (
                    '{"nodes":['
                      || coalesce(
                        string_agg(
                          (
                            CASE
                              WHEN t12.plain_version = t12.version THEN coalesce(
                                ('{"contractNo":"' || t12."contract_no" || '"'), '{"contractNo":null'
                              )
                              ELSE coalesce(
                                ('{"contractNo":' || to_json(t12."contract_no")::text), '{"contractNo":null'
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
                    SELECT t13.*
                    FROM LATERAL (
                      SELECT t14."id", t14."version", t14."updated_at", t14."contract_no", t14."name", t14."client_id",
                        t14."plain_version"
                      FROM api.contract AS t14
                      WHERE t14."client_id" = t1.id AND t14.updated_at <= $1::timestamptz
                      UNION ALL SELECT t18.*
                      FROM (
                        SELECT t15.id
                        FROM api.contract AS t15
                        WHERE t15."client_id" = t1.id AND t15.updated_at > $1::timestamptz
                        UNION SELECT t16.golden_id
                        FROM api.former_value AS t16
                        WHERE t16.entity = 'contract'
                          AND t16.field = 'client_id'
                          AND t16.until > $1::timestamptz
                          AND t16.since <= $1::timestamptz
                          AND t16.value = lower((t1.id)::text)
                      ) AS t17
                      CROSS JOIN LATERAL (
                        SELECT t19."id", t19."version", t19."updated_at", t19."contract_no", t19."name",
                          t19."client_id", t19."plain_version"
                        FROM api.contract_version AS t19
                        WHERE t19.id = t17.id AND t19.recorded_at <= $1::timestamptz
                        ORDER BY t19.recorded_at DESC
                        LIMIT 1
                      ) AS t18
                    ) AS t13
                    WHERE t13.client_id = t1.id
                    ORDER BY t13."contract_no" ASC, t13."id" ASC
                    LIMIT 20
                  ) AS t12
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
      SELECT t20.*
      FROM LATERAL (
        (
          SELECT t21."id",
            CASE WHEN t21.updated_at <= $1::timestamptz THEN t21."version" ELSE t22."version" END AS "version",
            CASE WHEN t21.updated_at <= $1::timestamptz THEN t21."updated_at" ELSE t22."updated_at" END AS "updated_at",
            CASE WHEN t21.updated_at <= $1::timestamptz THEN t21."name" ELSE t22."name" END AS "name",
            CASE WHEN t21.updated_at <= $1::timestamptz THEN t21."country" ELSE t22."country" END AS "country",
            CASE WHEN t21.updated_at <= $1::timestamptz THEN t21."plain_version" ELSE t22."plain_version" END AS "plain_version"
          FROM api.client AS t21
          LEFT JOIN LATERAL (
            SELECT t23."id", t23."version", t23."updated_at", t23."name", t23."country", t23."plain_version"
            FROM api.client_version AS t23
            WHERE t21.updated_at > $1::timestamptz AND t23.id = t21.id AND t23.recorded_at <= $1::timestamptz
            ORDER BY t23.recorded_at DESC
            LIMIT 1
          ) AS t22 ON true
          WHERE (t21.updated_at <= $1::timestamptz OR t22.id IS NOT NULL)
        )
        UNION ALL (
          SELECT t24.loser_id AS "id", t25."version", t25."updated_at", t25."name", t25."country", t25."plain_version"
          FROM api.forward AS t24
          CROSS JOIN LATERAL (
            SELECT t27."id", t27."version", t27."updated_at", t27."name", t27."country", t27."plain_version"
            FROM api.client_version AS t27
            WHERE t27.id = t24.loser_id AND t27.recorded_at <= $1::timestamptz
            ORDER BY t27.recorded_at DESC
            LIMIT 1
          ) AS t25
          WHERE t24.entity = 'client'
            AND (SELECT d.made_at FROM api.decision AS d WHERE d.id = t24.decision_id) > $1::timestamptz
            AND NOT EXISTS (SELECT FROM api.client AS t26 WHERE t26.id = t24.loser_id)
        )
      ) AS t20
      WHERE true
      ORDER BY t20."name" ASC, t20."id" ASC
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
            WHEN t30.plain_version = t30.version THEN (
              '{"id":"' || t30.id::text || '"' || coalesce((',"name":"' || t30."name" || '"'), ',"name":null')
            )
            ELSE (
              '{"id":"' || t30.id::text || '"' || coalesce((',"name":' || to_json(t30."name")::text), ',"name":null')
            )
          END
            || '}'
        ) AS o
        FROM LATERAL (
          SELECT t31.*
          FROM (
            SELECT t33."id", t33."version", t33."updated_at", t33."name", t33."country", t33."plain_version"
            FROM api.client_version AS t33
            WHERE t33.id = CASE
              WHEN EXISTS (SELECT FROM api.client AS g WHERE g.id = $2::uuid) THEN $2::uuid
              ELSE coalesce(
                (
                  WITH RECURSIVE t28 (survivor, steps) AS (
                    SELECT survivor_id, 1
                    FROM (
                      SELECT f.*
                      FROM api.forward AS f
                      JOIN api.decision AS d ON d.id = f.decision_id AND d.made_at <= $1::timestamptz
                    ) AS f
                    WHERE loser_id = $2::uuid
                    UNION ALL SELECT t29.survivor_id, t28.steps + 1
                    FROM t28
                    JOIN (
                      SELECT f.*
                      FROM api.forward AS f
                      JOIN api.decision AS d ON d.id = f.decision_id AND d.made_at <= $1::timestamptz
                    ) AS t29 ON t29.loser_id = t28.survivor
                    WHERE t28.steps < 20
                  )
                  SELECT survivor
                  FROM t28
                  ORDER BY steps DESC
                  LIMIT 1
                ),
                $2::uuid
              )
            END
              AND t33.recorded_at <= $1::timestamptz
            ORDER BY t33.recorded_at DESC
            LIMIT 1
          ) AS t31
          WHERE NOT EXISTS (
            SELECT
            FROM api.forward AS t32
            WHERE t32.loser_id = t31.id
              AND (SELECT d.made_at FROM api.decision AS d WHERE d.id = t32.decision_id) <= $1::timestamptz
          )
        ) AS t30
        WHERE true
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
                  WHEN t34.plain_version = t34.version THEN coalesce(('{"code":"' || t34."code" || '"'), '{"code":null')
                  ELSE coalesce(('{"code":' || to_json(t34."code")::text), '{"code":null')
                END
                  || coalesce(
                    (
                      ',"client":'
                        || (
                          SELECT (
                            CASE
                              WHEN t35.plain_version = t35.version THEN coalesce(
                                ('{"name":"' || t35."name" || '"'), '{"name":null'
                              )
                              ELSE coalesce(('{"name":' || to_json(t35."name")::text), '{"name":null')
                            END
                              || '}'
                          ) AS o
                          FROM LATERAL (
                            SELECT t36.*
                            FROM (
                              SELECT t38."id", t38."version", t38."updated_at", t38."name", t38."country",
                                t38."plain_version"
                              FROM api.client_version AS t38
                              WHERE t38.id = t34.client_id AND t38.recorded_at <= $1::timestamptz
                              ORDER BY t38.recorded_at DESC
                              LIMIT 1
                            ) AS t36
                            WHERE NOT EXISTS (
                              SELECT
                              FROM api.forward AS t37
                              WHERE t37.loser_id = t36.id
                                AND (SELECT d.made_at FROM api.decision AS d WHERE d.id = t37.decision_id) <= $1::timestamptz
                            )
                          ) AS t35
                          WHERE true
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
        SELECT t39.*
        FROM LATERAL (
          WITH t44 AS MATERIALIZED (
            SELECT t45.id
            FROM LATERAL (
              SELECT t46."id", t46."version", t46."updated_at", t46."name", t46."country", t46."plain_version"
              FROM api.client AS t46
              WHERE lower(t46."name") = lower($4::text) AND t46."name" = $4::text AND t46.updated_at <= $1::timestamptz
              UNION ALL SELECT t50.*
              FROM (
                SELECT t47.id
                FROM api.client AS t47
                WHERE lower(t47."name") = lower($5::text) AND t47."name" = $5::text AND t47.updated_at > $1::timestamptz
                UNION SELECT t48.golden_id
                FROM api.former_value AS t48
                WHERE t48.entity = 'client'
                  AND t48.field = 'name'
                  AND t48.until > $1::timestamptz
                  AND t48.since <= $1::timestamptz
                  AND t48.value = lower(($6::text)::text)
              ) AS t49
              CROSS JOIN LATERAL (
                SELECT t51."id", t51."version", t51."updated_at", t51."name", t51."country", t51."plain_version"
                FROM api.client_version AS t51
                WHERE t51.id = t49.id AND t51.recorded_at <= $1::timestamptz
                ORDER BY t51.recorded_at DESC
                LIMIT 1
              ) AS t50
            ) AS t45
            WHERE lower(t45."name") = lower($7::text) AND t45."name" = $7::text
          )
          SELECT t52."id", t52."version", t52."updated_at", t52."code", t52."name", t52."client_id", t52."plain_version"
          FROM api.project AS t52
          WHERE t52.client_id = ANY (ARRAY(SELECT t44.id FROM t44)) AND t52.updated_at <= $1::timestamptz
          UNION ALL SELECT t56.*
          FROM (
            SELECT t53.id
            FROM api.project AS t53
            WHERE t53.client_id = ANY (ARRAY(SELECT t44.id FROM t44)) AND t53.updated_at > $1::timestamptz
            UNION SELECT t54.golden_id
            FROM api.former_value AS t54
            WHERE t54.entity = 'project'
              AND t54.field = 'client_id'
              AND t54.until > $1::timestamptz
              AND t54.since <= $1::timestamptz
              AND t54.value = ANY (ARRAY(SELECT t44.id::text FROM t44))
          ) AS t55
          CROSS JOIN LATERAL (
            SELECT t57."id", t57."version", t57."updated_at", t57."code", t57."name", t57."client_id",
              t57."plain_version"
            FROM api.project_version AS t57
            WHERE t57.id = t55.id AND t57.recorded_at <= $1::timestamptz
            ORDER BY t57.recorded_at DESC
            LIMIT 1
          ) AS t56
        ) AS t39
        WHERE EXISTS (
          SELECT
          FROM LATERAL (
            SELECT t41.*
            FROM (
              SELECT t43."id", t43."version", t43."updated_at", t43."name", t43."country", t43."plain_version"
              FROM api.client_version AS t43
              WHERE t43.id = t39.client_id AND t43.recorded_at <= $1::timestamptz
              ORDER BY t43.recorded_at DESC
              LIMIT 1
            ) AS t41
            WHERE NOT EXISTS (
              SELECT
              FROM api.forward AS t42
              WHERE t42.loser_id = t41.id
                AND (SELECT d.made_at FROM api.decision AS d WHERE d.id = t42.decision_id) <= $1::timestamptz
            )
          ) AS t40
          WHERE t40.id = t39.client_id AND lower(t40."name") = lower($3::text) AND t40."name" = $3::text
        )
        ORDER BY t39."id" ASC
        LIMIT 20
      ) AS t34
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
                  || coalesce(('{"country":' || to_json(t58.key1)::text), '{"country":null')
                  || '},"count":'
                  || t58.count::text
                  || '}'
              ),
              ','
            ),
            ''
          )
          || ']'
      )
      FROM (
        SELECT t59.*
        FROM (
          SELECT t60."country" AS key1, count(*) AS count
          FROM LATERAL (
            (
              SELECT t61."id",
                CASE WHEN t61.updated_at <= $1::timestamptz THEN t61."version" ELSE t62."version" END AS "version",
                CASE WHEN t61.updated_at <= $1::timestamptz THEN t61."updated_at" ELSE t62."updated_at" END AS "updated_at",
                CASE WHEN t61.updated_at <= $1::timestamptz THEN t61."name" ELSE t62."name" END AS "name",
                CASE WHEN t61.updated_at <= $1::timestamptz THEN t61."country" ELSE t62."country" END AS "country",
                CASE WHEN t61.updated_at <= $1::timestamptz THEN t61."plain_version" ELSE t62."plain_version" END AS "plain_version"
              FROM api.client AS t61
              LEFT JOIN LATERAL (
                SELECT t63."id", t63."version", t63."updated_at", t63."name", t63."country", t63."plain_version"
                FROM api.client_version AS t63
                WHERE t61.updated_at > $1::timestamptz AND t63.id = t61.id AND t63.recorded_at <= $1::timestamptz
                ORDER BY t63.recorded_at DESC
                LIMIT 1
              ) AS t62 ON true
              WHERE (t61.updated_at <= $1::timestamptz OR t62.id IS NOT NULL)
            )
            UNION ALL (
              SELECT t64.loser_id AS "id", t65."version", t65."updated_at", t65."name", t65."country",
                t65."plain_version"
              FROM api.forward AS t64
              CROSS JOIN LATERAL (
                SELECT t67."id", t67."version", t67."updated_at", t67."name", t67."country", t67."plain_version"
                FROM api.client_version AS t67
                WHERE t67.id = t64.loser_id AND t67.recorded_at <= $1::timestamptz
                ORDER BY t67.recorded_at DESC
                LIMIT 1
              ) AS t65
              WHERE t64.entity = 'client'
                AND (SELECT d.made_at FROM api.decision AS d WHERE d.id = t64.decision_id) > $1::timestamptz
                AND NOT EXISTS (SELECT FROM api.client AS t66 WHERE t66.id = t64.loser_id)
            )
          ) AS t60
          WHERE true
          GROUP BY 1
        ) AS t59
        WHERE true
        ORDER BY t59.key1 NULLS LAST
        LIMIT $8::bigint OFFSET $9::bigint
      ) AS t58
    ),
    'UTF8'
  )
