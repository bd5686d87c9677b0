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
                      UNION ALL SELECT t17.*
                      FROM (
                        (
                          SELECT t15.id
                          FROM api.contract AS t15
                          WHERE t15."client_id" = t1.id AND t15.updated_at > $1::timestamptz EXCEPT
                          SELECT t18.golden_id
                          FROM api.former_value AS t18
                          WHERE t18.entity = 'contract'
                            AND t18.field = 'client_id'
                            AND t18.until > $1::timestamptz
                            AND t18.became = lower((t1.id)::text)
                        )
                        UNION SELECT t19.golden_id
                        FROM api.former_value AS t19
                        WHERE t19.entity = 'contract'
                          AND t19.field = 'client_id'
                          AND t19.until > $1::timestamptz
                          AND t19.since <= $1::timestamptz
                          AND t19.value = lower((t1.id)::text)
                      ) AS t16
                      CROSS JOIN LATERAL (
                        SELECT t20."id", t20."version", t20."updated_at", t20."contract_no", t20."name",
                          t20."client_id", t20."plain_version"
                        FROM api.contract_version AS t20
                        WHERE t20.id = t16.id AND t20.recorded_at <= $1::timestamptz
                        ORDER BY t20.recorded_at DESC
                        LIMIT 1
                      ) AS t17
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
      SELECT t21.*
      FROM LATERAL (
        (
          SELECT t22."id",
            CASE WHEN t22.updated_at <= $1::timestamptz THEN t22."version" ELSE t23."version" END AS "version",
            CASE WHEN t22.updated_at <= $1::timestamptz THEN t22."updated_at" ELSE t23."updated_at" END AS "updated_at",
            CASE WHEN t22.updated_at <= $1::timestamptz THEN t22."name" ELSE t23."name" END AS "name",
            CASE WHEN t22.updated_at <= $1::timestamptz THEN t22."country" ELSE t23."country" END AS "country",
            CASE WHEN t22.updated_at <= $1::timestamptz THEN t22."plain_version" ELSE t23."plain_version" END AS "plain_version"
          FROM api.client AS t22
          LEFT JOIN LATERAL (
            SELECT t24."id", t24."version", t24."updated_at", t24."name", t24."country", t24."plain_version"
            FROM api.client_version AS t24
            WHERE t22.updated_at > $1::timestamptz AND t24.id = t22.id AND t24.recorded_at <= $1::timestamptz
            ORDER BY t24.recorded_at DESC
            LIMIT 1
          ) AS t23 ON true
          WHERE (t22.updated_at <= $1::timestamptz OR t23.id IS NOT NULL)
        )
        UNION ALL (
          SELECT t25.loser_id AS "id", t26."version", t26."updated_at", t26."name", t26."country", t26."plain_version"
          FROM api.forward AS t25
          CROSS JOIN LATERAL (
            SELECT t28."id", t28."version", t28."updated_at", t28."name", t28."country", t28."plain_version"
            FROM api.client_version AS t28
            WHERE t28.id = t25.loser_id AND t28.recorded_at <= $1::timestamptz
            ORDER BY t28.recorded_at DESC
            LIMIT 1
          ) AS t26
          WHERE t25.entity = 'client'
            AND (SELECT d.made_at FROM api.decision AS d WHERE d.id = t25.decision_id) > $1::timestamptz
            AND NOT EXISTS (SELECT FROM api.client AS t27 WHERE t27.id = t25.loser_id)
        )
      ) AS t21
      WHERE true
      ORDER BY t21."name" ASC, t21."id" ASC
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
            WHEN t31.plain_version = t31.version THEN (
              '{"id":"' || t31.id::text || '"' || coalesce((',"name":"' || t31."name" || '"'), ',"name":null')
            )
            ELSE (
              '{"id":"' || t31.id::text || '"' || coalesce((',"name":' || to_json(t31."name")::text), ',"name":null')
            )
          END
            || '}'
        ) AS o
        FROM LATERAL (
          SELECT t32.*
          FROM (
            SELECT t34."id", t34."version", t34."updated_at", t34."name", t34."country", t34."plain_version"
            FROM api.client_version AS t34
            WHERE t34.id = CASE
              WHEN EXISTS (SELECT FROM api.client AS g WHERE g.id = $2::uuid) THEN $2::uuid
              ELSE coalesce(
                (
                  WITH RECURSIVE t29 (survivor, steps) AS (
                    SELECT survivor_id, 1
                    FROM (
                      SELECT f.*
                      FROM api.forward AS f
                      JOIN api.decision AS d ON d.id = f.decision_id AND d.made_at <= $1::timestamptz
                    ) AS f
                    WHERE loser_id = $2::uuid
                    UNION ALL SELECT t30.survivor_id, t29.steps + 1
                    FROM t29
                    JOIN (
                      SELECT f.*
                      FROM api.forward AS f
                      JOIN api.decision AS d ON d.id = f.decision_id AND d.made_at <= $1::timestamptz
                    ) AS t30 ON t30.loser_id = t29.survivor
                    WHERE t29.steps < 20
                  )
                  SELECT survivor
                  FROM t29
                  ORDER BY steps DESC
                  LIMIT 1
                ),
                $2::uuid
              )
            END
              AND t34.recorded_at <= $1::timestamptz
            ORDER BY t34.recorded_at DESC
            LIMIT 1
          ) AS t32
          WHERE NOT EXISTS (
            SELECT
            FROM api.forward AS t33
            WHERE t33.loser_id = t32.id
              AND (SELECT d.made_at FROM api.decision AS d WHERE d.id = t33.decision_id) <= $1::timestamptz
          )
        ) AS t31
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
                  WHEN t35.plain_version = t35.version THEN coalesce(('{"code":"' || t35."code" || '"'), '{"code":null')
                  ELSE coalesce(('{"code":' || to_json(t35."code")::text), '{"code":null')
                END
                  || coalesce(
                    (
                      ',"client":'
                        || (
                          SELECT (
                            CASE
                              WHEN t36.plain_version = t36.version THEN coalesce(
                                ('{"name":"' || t36."name" || '"'), '{"name":null'
                              )
                              ELSE coalesce(('{"name":' || to_json(t36."name")::text), '{"name":null')
                            END
                              || '}'
                          ) AS o
                          FROM LATERAL (
                            SELECT t37.*
                            FROM (
                              SELECT t39."id", t39."version", t39."updated_at", t39."name", t39."country",
                                t39."plain_version"
                              FROM api.client_version AS t39
                              WHERE t39.id = t35.client_id AND t39.recorded_at <= $1::timestamptz
                              ORDER BY t39.recorded_at DESC
                              LIMIT 1
                            ) AS t37
                            WHERE NOT EXISTS (
                              SELECT
                              FROM api.forward AS t38
                              WHERE t38.loser_id = t37.id
                                AND (SELECT d.made_at FROM api.decision AS d WHERE d.id = t38.decision_id) <= $1::timestamptz
                            )
                          ) AS t36
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
        SELECT t40.*
        FROM LATERAL (
          WITH t45 AS MATERIALIZED (
            SELECT t46.id
            FROM LATERAL (
              SELECT t47."id", t47."version", t47."updated_at", t47."name", t47."country", t47."plain_version"
              FROM api.client AS t47
              WHERE lower(t47."name") = lower($4::text) AND t47."name" = $4::text AND t47.updated_at <= $1::timestamptz
              UNION ALL SELECT t50.*
              FROM (
                (
                  SELECT t48.id
                  FROM api.client AS t48
                  WHERE lower(t48."name") = lower($5::text)
                    AND t48."name" = $5::text
                    AND t48.updated_at > $1::timestamptz EXCEPT
                  SELECT t51.golden_id
                  FROM api.former_value AS t51
                  WHERE t51.entity = 'client'
                    AND t51.field = 'name'
                    AND t51.until > $1::timestamptz
                    AND t51.became = lower(($6::text)::text)
                )
                UNION SELECT t52.golden_id
                FROM api.former_value AS t52
                WHERE t52.entity = 'client'
                  AND t52.field = 'name'
                  AND t52.until > $1::timestamptz
                  AND t52.since <= $1::timestamptz
                  AND t52.value = lower(($7::text)::text)
              ) AS t49
              CROSS JOIN LATERAL (
                SELECT t53."id", t53."version", t53."updated_at", t53."name", t53."country", t53."plain_version"
                FROM api.client_version AS t53
                WHERE t53.id = t49.id AND t53.recorded_at <= $1::timestamptz
                ORDER BY t53.recorded_at DESC
                LIMIT 1
              ) AS t50
            ) AS t46
            WHERE t46."name" = $8::text
          )
          SELECT t54."id", t54."version", t54."updated_at", t54."code", t54."name", t54."client_id", t54."plain_version"
          FROM api.project AS t54
          WHERE t54.client_id = ANY (ARRAY(SELECT t45.id FROM t45)) AND t54.updated_at <= $1::timestamptz
          UNION ALL SELECT t57.*
          FROM (
            (
              SELECT t55.id
              FROM api.project AS t55
              WHERE t55.client_id = ANY (ARRAY(SELECT t45.id FROM t45)) AND t55.updated_at > $1::timestamptz EXCEPT
              SELECT t58.golden_id
              FROM api.former_value AS t58
              WHERE t58.entity = 'project'
                AND t58.field = 'client_id'
                AND t58.until > $1::timestamptz
                AND t58.became = ANY (ARRAY(SELECT t45.id::text FROM t45))
            )
            UNION SELECT t59.golden_id
            FROM api.former_value AS t59
            WHERE t59.entity = 'project'
              AND t59.field = 'client_id'
              AND t59.until > $1::timestamptz
              AND t59.since <= $1::timestamptz
              AND t59.value = ANY (ARRAY(SELECT t45.id::text FROM t45))
          ) AS t56
          CROSS JOIN LATERAL (
            SELECT t60."id", t60."version", t60."updated_at", t60."code", t60."name", t60."client_id",
              t60."plain_version"
            FROM api.project_version AS t60
            WHERE t60.id = t56.id AND t60.recorded_at <= $1::timestamptz
            ORDER BY t60.recorded_at DESC
            LIMIT 1
          ) AS t57
        ) AS t40
        WHERE EXISTS (
          SELECT
          FROM LATERAL (
            SELECT t42.*
            FROM (
              SELECT t44."id", t44."version", t44."updated_at", t44."name", t44."country", t44."plain_version"
              FROM api.client_version AS t44
              WHERE t44.id = t40.client_id AND t44.recorded_at <= $1::timestamptz
              ORDER BY t44.recorded_at DESC
              LIMIT 1
            ) AS t42
            WHERE NOT EXISTS (
              SELECT
              FROM api.forward AS t43
              WHERE t43.loser_id = t42.id
                AND (SELECT d.made_at FROM api.decision AS d WHERE d.id = t43.decision_id) <= $1::timestamptz
            )
          ) AS t41
          WHERE t41.id = t40.client_id AND t41."name" = $3::text
        )
        ORDER BY t40."id" ASC
        LIMIT 20
      ) AS t35
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
                  || coalesce(('{"country":' || to_json(t61.key1)::text), '{"country":null')
                  || '},"count":'
                  || t61.count::text
                  || '}'
              ),
              ','
            ),
            ''
          )
          || ']'
      )
      FROM (
        SELECT t62.*
        FROM (
          SELECT t63."country" AS key1, count(*) AS count
          FROM LATERAL (
            (
              SELECT t64."id",
                CASE WHEN t64.updated_at <= $1::timestamptz THEN t64."version" ELSE t65."version" END AS "version",
                CASE WHEN t64.updated_at <= $1::timestamptz THEN t64."updated_at" ELSE t65."updated_at" END AS "updated_at",
                CASE WHEN t64.updated_at <= $1::timestamptz THEN t64."name" ELSE t65."name" END AS "name",
                CASE WHEN t64.updated_at <= $1::timestamptz THEN t64."country" ELSE t65."country" END AS "country",
                CASE WHEN t64.updated_at <= $1::timestamptz THEN t64."plain_version" ELSE t65."plain_version" END AS "plain_version"
              FROM api.client AS t64
              LEFT JOIN LATERAL (
                SELECT t66."id", t66."version", t66."updated_at", t66."name", t66."country", t66."plain_version"
                FROM api.client_version AS t66
                WHERE t64.updated_at > $1::timestamptz AND t66.id = t64.id AND t66.recorded_at <= $1::timestamptz
                ORDER BY t66.recorded_at DESC
                LIMIT 1
              ) AS t65 ON true
              WHERE (t64.updated_at <= $1::timestamptz OR t65.id IS NOT NULL)
            )
            UNION ALL (
              SELECT t67.loser_id AS "id", t68."version", t68."updated_at", t68."name", t68."country",
                t68."plain_version"
              FROM api.forward AS t67
              CROSS JOIN LATERAL (
                SELECT t70."id", t70."version", t70."updated_at", t70."name", t70."country", t70."plain_version"
                FROM api.client_version AS t70
                WHERE t70.id = t67.loser_id AND t70.recorded_at <= $1::timestamptz
                ORDER BY t70.recorded_at DESC
                LIMIT 1
              ) AS t68
              WHERE t67.entity = 'client'
                AND (SELECT d.made_at FROM api.decision AS d WHERE d.id = t67.decision_id) > $1::timestamptz
                AND NOT EXISTS (SELECT FROM api.client AS t69 WHERE t69.id = t67.loser_id)
            )
          ) AS t63
          WHERE true
          GROUP BY 1
        ) AS t62
        WHERE true
        ORDER BY t62.key1 NULLS LAST
        LIMIT $9::bigint OFFSET $10::bigint
      ) AS t61
    ),
    'UTF8'
  )
