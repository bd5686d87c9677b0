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
                CASE WHEN t3.updated_at <= $1::timestamptz THEN t3."updated_at" ELSE t4."updated_at" END AS "updated_at",
                CASE WHEN t3.updated_at <= $1::timestamptz THEN t3."name" ELSE t4."name" END AS "name",
                CASE WHEN t3.updated_at <= $1::timestamptz THEN t3."country" ELSE t4."country" END AS "country",
                CASE WHEN t3.updated_at <= $1::timestamptz THEN t3."plain_version" ELSE t4."plain_version" END AS "plain_version"
              FROM api.client AS t3
              LEFT JOIN LATERAL (
                SELECT t6.*
                FROM (
                  SELECT t5."id", t5."version", t5."record_state", t5."updated_at", t5."name", t5."country",
                    t5."plain_version"
                  FROM api.client_version AS t5
                  WHERE t3.updated_at > $1::timestamptz AND t5.id = t3.id AND t5.recorded_at <= $1::timestamptz
                  ORDER BY t5.recorded_at DESC
                  LIMIT 1
                ) AS t6
                WHERE t6.record_state <> 'merged'
              ) AS t4 ON true
              WHERE (t3.updated_at <= $1::timestamptz OR t4.id IS NOT NULL)
            )
            UNION ALL (
              SELECT t7.loser_id AS "id", t8."version", t8."record_state", t8."updated_at", t8."name", t8."country",
                t8."plain_version"
              FROM api.forward AS t7
              CROSS JOIN LATERAL (
                SELECT t11.*
                FROM (
                  SELECT t10."id", t10."version", t10."record_state", t10."updated_at", t10."name", t10."country",
                    t10."plain_version"
                  FROM api.client_version AS t10
                  WHERE t10.id = t7.loser_id AND t10.recorded_at <= $1::timestamptz
                  ORDER BY t10.recorded_at DESC
                  LIMIT 1
                ) AS t11
                WHERE t11.record_state <> 'merged'
              ) AS t8
              WHERE t7.entity = 'client'
                AND (SELECT d.made_at FROM api.decision AS d WHERE d.id = t7.decision_id) > $1::timestamptz
                AND NOT EXISTS (SELECT FROM api.client AS t9 WHERE t9.id = t7.loser_id)
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
                || (SELECT count(*) FROM api.change AS t13 WHERE t13.golden_id = t1.id AND t13."at" <= $1::timestamptz)::text
                || '}'
                || ',"contracts":'
                || (
                  SELECT (
                    '{"nodes":['
                      || coalesce(
                        string_agg(
                          (
                            CASE
                              WHEN t14.plain_version = t14.version THEN coalesce(
                                ('{"contractNo":"' || t14."contract_no" || '"'), '{"contractNo":null'
                              )
                              ELSE coalesce(
                                ('{"contractNo":' || to_json(t14."contract_no")::text), '{"contractNo":null'
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
                    SELECT t15.*
                    FROM LATERAL (
                      SELECT t16."id", t16."version", t16."record_state", t16."updated_at", t16."contract_no",
                        t16."name", t16."client_id", t16."plain_version"
                      FROM api.contract AS t16
                      WHERE t16."client_id" = t1.id AND t16.updated_at <= $1::timestamptz
                      UNION ALL SELECT t19.*
                      FROM (
                        (
                          SELECT t17.id
                          FROM api.contract AS t17
                          WHERE t17."client_id" = t1.id AND t17.updated_at > $1::timestamptz EXCEPT
                          SELECT t20.golden_id
                          FROM api.former_value AS t20
                          WHERE t20.entity = 'contract'
                            AND t20.field = 'client_id'
                            AND t20.until > $1::timestamptz
                            AND t20.became = lower((t1.id)::text)
                        )
                        UNION SELECT t21.golden_id
                        FROM api.former_value AS t21
                        WHERE t21.entity = 'contract'
                          AND t21.field = 'client_id'
                          AND t21.until > $1::timestamptz
                          AND t21.since <= $1::timestamptz
                          AND t21.value = lower((t1.id)::text)
                      ) AS t18
                      CROSS JOIN LATERAL (
                        SELECT t23.*
                        FROM (
                          SELECT t22."id", t22."version", t22."record_state", t22."updated_at", t22."contract_no",
                            t22."name", t22."client_id", t22."plain_version"
                          FROM api.contract_version AS t22
                          WHERE t22.id = t18.id AND t22.recorded_at <= $1::timestamptz
                          ORDER BY t22.recorded_at DESC
                          LIMIT 1
                        ) AS t23
                        WHERE t23.record_state <> 'merged'
                      ) AS t19
                    ) AS t15
                    WHERE t15.client_id = t1.id
                    ORDER BY t15."contract_no" ASC, t15."id" ASC
                    LIMIT 20
                  ) AS t14
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
      SELECT t24.*
      FROM LATERAL (
        (
          SELECT t25."id",
            CASE WHEN t25.updated_at <= $1::timestamptz THEN t25."version" ELSE t26."version" END AS "version",
            CASE WHEN t25.updated_at <= $1::timestamptz THEN t25."record_state" ELSE t26."record_state" END AS "record_state",
            CASE WHEN t25.updated_at <= $1::timestamptz THEN t25."updated_at" ELSE t26."updated_at" END AS "updated_at",
            CASE WHEN t25.updated_at <= $1::timestamptz THEN t25."name" ELSE t26."name" END AS "name",
            CASE WHEN t25.updated_at <= $1::timestamptz THEN t25."country" ELSE t26."country" END AS "country",
            CASE WHEN t25.updated_at <= $1::timestamptz THEN t25."plain_version" ELSE t26."plain_version" END AS "plain_version"
          FROM api.client AS t25
          LEFT JOIN LATERAL (
            SELECT t28.*
            FROM (
              SELECT t27."id", t27."version", t27."record_state", t27."updated_at", t27."name", t27."country",
                t27."plain_version"
              FROM api.client_version AS t27
              WHERE t25.updated_at > $1::timestamptz AND t27.id = t25.id AND t27.recorded_at <= $1::timestamptz
              ORDER BY t27.recorded_at DESC
              LIMIT 1
            ) AS t28
            WHERE t28.record_state <> 'merged'
          ) AS t26 ON true
          WHERE (t25.updated_at <= $1::timestamptz OR t26.id IS NOT NULL)
        )
        UNION ALL (
          SELECT t29.loser_id AS "id", t30."version", t30."record_state", t30."updated_at", t30."name", t30."country",
            t30."plain_version"
          FROM api.forward AS t29
          CROSS JOIN LATERAL (
            SELECT t33.*
            FROM (
              SELECT t32."id", t32."version", t32."record_state", t32."updated_at", t32."name", t32."country",
                t32."plain_version"
              FROM api.client_version AS t32
              WHERE t32.id = t29.loser_id AND t32.recorded_at <= $1::timestamptz
              ORDER BY t32.recorded_at DESC
              LIMIT 1
            ) AS t33
            WHERE t33.record_state <> 'merged'
          ) AS t30
          WHERE t29.entity = 'client'
            AND (SELECT d.made_at FROM api.decision AS d WHERE d.id = t29.decision_id) > $1::timestamptz
            AND NOT EXISTS (SELECT FROM api.client AS t31 WHERE t31.id = t29.loser_id)
        )
      ) AS t24
      WHERE true
      ORDER BY t24."name" ASC, t24."id" ASC
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
            WHEN t36.plain_version = t36.version THEN (
              '{"id":"' || t36.id::text || '"' || coalesce((',"name":"' || t36."name" || '"'), ',"name":null')
            )
            ELSE (
              '{"id":"' || t36.id::text || '"' || coalesce((',"name":' || to_json(t36."name")::text), ',"name":null')
            )
          END
            || '}'
        ) AS o
        FROM LATERAL (
          SELECT t37.*
          FROM (
            SELECT t40.*
            FROM (
              SELECT t39."id", t39."version", t39."record_state", t39."updated_at", t39."name", t39."country",
                t39."plain_version"
              FROM api.client_version AS t39
              WHERE t39.id = CASE
                WHEN NOT EXISTS (
                  SELECT
                  FROM (
                    SELECT other_id AS loser_id, golden_id AS survivor_id
                    FROM api.decision
                    WHERE kind = 'merge'
                      AND made_at <= $1::timestamptz
                      AND (withdrawn_at IS NULL OR withdrawn_at > $1::timestamptz)
                  ) AS g
                  WHERE g.loser_id = $2::uuid
                ) THEN $2::uuid
                ELSE coalesce(
                  (
                    WITH RECURSIVE t34 (survivor, steps) AS (
                      SELECT survivor_id, 1
                      FROM (
                        SELECT other_id AS loser_id, golden_id AS survivor_id
                        FROM api.decision
                        WHERE kind = 'merge'
                          AND made_at <= $1::timestamptz
                          AND (withdrawn_at IS NULL OR withdrawn_at > $1::timestamptz)
                      ) AS f
                      WHERE loser_id = $2::uuid
                      UNION ALL SELECT t35.survivor_id, t34.steps + 1
                      FROM t34
                      JOIN (
                        SELECT other_id AS loser_id, golden_id AS survivor_id
                        FROM api.decision
                        WHERE kind = 'merge'
                          AND made_at <= $1::timestamptz
                          AND (withdrawn_at IS NULL OR withdrawn_at > $1::timestamptz)
                      ) AS t35 ON t35.loser_id = t34.survivor
                      WHERE t34.steps < 20
                    )
                    SELECT survivor
                    FROM t34
                    ORDER BY steps DESC
                    LIMIT 1
                  ),
                  $2::uuid
                )
              END
                AND t39.recorded_at <= $1::timestamptz
              ORDER BY t39.recorded_at DESC
              LIMIT 1
            ) AS t40
            WHERE t40.record_state <> 'merged'
          ) AS t37
          WHERE NOT EXISTS (
            SELECT
            FROM api.forward AS t38
            WHERE t38.loser_id = t37.id
              AND (SELECT d.made_at FROM api.decision AS d WHERE d.id = t38.decision_id) <= $1::timestamptz
          )
        ) AS t36
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
                  WHEN t41.plain_version = t41.version THEN coalesce(('{"code":"' || t41."code" || '"'), '{"code":null')
                  ELSE coalesce(('{"code":' || to_json(t41."code")::text), '{"code":null')
                END
                  || coalesce(
                    (
                      ',"client":'
                        || (
                          SELECT (
                            CASE
                              WHEN t42.plain_version = t42.version THEN coalesce(
                                ('{"name":"' || t42."name" || '"'), '{"name":null'
                              )
                              ELSE coalesce(('{"name":' || to_json(t42."name")::text), '{"name":null')
                            END
                              || '}'
                          ) AS o
                          FROM LATERAL (
                            SELECT t43.*
                            FROM (
                              SELECT t46.*
                              FROM (
                                SELECT t45."id", t45."version", t45."record_state", t45."updated_at", t45."name",
                                  t45."country", t45."plain_version"
                                FROM api.client_version AS t45
                                WHERE t45.id = t41.client_id AND t45.recorded_at <= $1::timestamptz
                                ORDER BY t45.recorded_at DESC
                                LIMIT 1
                              ) AS t46
                              WHERE t46.record_state <> 'merged'
                            ) AS t43
                            WHERE NOT EXISTS (
                              SELECT
                              FROM api.forward AS t44
                              WHERE t44.loser_id = t43.id
                                AND (SELECT d.made_at FROM api.decision AS d WHERE d.id = t44.decision_id) <= $1::timestamptz
                            )
                          ) AS t42
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
        SELECT t47.*
        FROM LATERAL (
          WITH t53 AS MATERIALIZED (
            SELECT t54.id
            FROM LATERAL (
              SELECT t55."id", t55."version", t55."record_state", t55."updated_at", t55."name", t55."country",
                t55."plain_version"
              FROM api.client AS t55
              WHERE lower(t55."name") = lower($4::text) AND t55."name" = $4::text AND t55.updated_at <= $1::timestamptz
              UNION ALL SELECT t58.*
              FROM (
                (
                  SELECT t56.id
                  FROM api.client AS t56
                  WHERE lower(t56."name") = lower($5::text)
                    AND t56."name" = $5::text
                    AND t56.updated_at > $1::timestamptz EXCEPT
                  SELECT t59.golden_id
                  FROM api.former_value AS t59
                  WHERE t59.entity = 'client'
                    AND t59.field = 'name'
                    AND t59.until > $1::timestamptz
                    AND t59.became = lower(($6::text)::text)
                )
                UNION SELECT t60.golden_id
                FROM api.former_value AS t60
                WHERE t60.entity = 'client'
                  AND t60.field = 'name'
                  AND t60.until > $1::timestamptz
                  AND t60.since <= $1::timestamptz
                  AND t60.value = lower(($7::text)::text)
              ) AS t57
              CROSS JOIN LATERAL (
                SELECT t62.*
                FROM (
                  SELECT t61."id", t61."version", t61."record_state", t61."updated_at", t61."name", t61."country",
                    t61."plain_version"
                  FROM api.client_version AS t61
                  WHERE t61.id = t57.id AND t61.recorded_at <= $1::timestamptz
                  ORDER BY t61.recorded_at DESC
                  LIMIT 1
                ) AS t62
                WHERE t62.record_state <> 'merged'
              ) AS t58
            ) AS t54
            WHERE t54."name" = $8::text
          )
          SELECT t63."id", t63."version", t63."record_state", t63."updated_at", t63."code", t63."name", t63."client_id",
            t63."plain_version"
          FROM api.project AS t63
          WHERE t63.client_id = ANY (ARRAY(SELECT t53.id FROM t53)) AND t63.updated_at <= $1::timestamptz
          UNION ALL SELECT t66.*
          FROM (
            (
              SELECT t64.id
              FROM api.project AS t64
              WHERE t64.client_id = ANY (ARRAY(SELECT t53.id FROM t53)) AND t64.updated_at > $1::timestamptz EXCEPT
              SELECT t67.golden_id
              FROM api.former_value AS t67
              WHERE t67.entity = 'project'
                AND t67.field = 'client_id'
                AND t67.until > $1::timestamptz
                AND t67.became = ANY (ARRAY(SELECT t53.id::text FROM t53))
            )
            UNION SELECT t68.golden_id
            FROM api.former_value AS t68
            WHERE t68.entity = 'project'
              AND t68.field = 'client_id'
              AND t68.until > $1::timestamptz
              AND t68.since <= $1::timestamptz
              AND t68.value = ANY (ARRAY(SELECT t53.id::text FROM t53))
          ) AS t65
          CROSS JOIN LATERAL (
            SELECT t70.*
            FROM (
              SELECT t69."id", t69."version", t69."record_state", t69."updated_at", t69."code", t69."name",
                t69."client_id", t69."plain_version"
              FROM api.project_version AS t69
              WHERE t69.id = t65.id AND t69.recorded_at <= $1::timestamptz
              ORDER BY t69.recorded_at DESC
              LIMIT 1
            ) AS t70
            WHERE t70.record_state <> 'merged'
          ) AS t66
        ) AS t47
        WHERE EXISTS (
          SELECT
          FROM LATERAL (
            SELECT t49.*
            FROM (
              SELECT t52.*
              FROM (
                SELECT t51."id", t51."version", t51."record_state", t51."updated_at", t51."name", t51."country",
                  t51."plain_version"
                FROM api.client_version AS t51
                WHERE t51.id = t47.client_id AND t51.recorded_at <= $1::timestamptz
                ORDER BY t51.recorded_at DESC
                LIMIT 1
              ) AS t52
              WHERE t52.record_state <> 'merged'
            ) AS t49
            WHERE NOT EXISTS (
              SELECT
              FROM api.forward AS t50
              WHERE t50.loser_id = t49.id
                AND (SELECT d.made_at FROM api.decision AS d WHERE d.id = t50.decision_id) <= $1::timestamptz
            )
          ) AS t48
          WHERE t48.id = t47.client_id AND t48."name" = $3::text
        )
        ORDER BY t47."id" ASC
        LIMIT 20
      ) AS t41
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
                  || coalesce(('{"country":' || to_json(t71.key1)::text), '{"country":null')
                  || '},"count":'
                  || t71.count::text
                  || '}'
              ),
              ','
            ),
            ''
          )
          || ']'
      )
      FROM (
        SELECT t72.*
        FROM (
          SELECT t73."country" AS key1, count(*) AS count
          FROM LATERAL (
            (
              SELECT t74."id",
                CASE WHEN t74.updated_at <= $1::timestamptz THEN t74."version" ELSE t75."version" END AS "version",
                CASE WHEN t74.updated_at <= $1::timestamptz THEN t74."record_state" ELSE t75."record_state" END AS "record_state",
                CASE WHEN t74.updated_at <= $1::timestamptz THEN t74."updated_at" ELSE t75."updated_at" END AS "updated_at",
                CASE WHEN t74.updated_at <= $1::timestamptz THEN t74."name" ELSE t75."name" END AS "name",
                CASE WHEN t74.updated_at <= $1::timestamptz THEN t74."country" ELSE t75."country" END AS "country",
                CASE WHEN t74.updated_at <= $1::timestamptz THEN t74."plain_version" ELSE t75."plain_version" END AS "plain_version"
              FROM api.client AS t74
              LEFT JOIN LATERAL (
                SELECT t77.*
                FROM (
                  SELECT t76."id", t76."version", t76."record_state", t76."updated_at", t76."name", t76."country",
                    t76."plain_version"
                  FROM api.client_version AS t76
                  WHERE t74.updated_at > $1::timestamptz AND t76.id = t74.id AND t76.recorded_at <= $1::timestamptz
                  ORDER BY t76.recorded_at DESC
                  LIMIT 1
                ) AS t77
                WHERE t77.record_state <> 'merged'
              ) AS t75 ON true
              WHERE (t74.updated_at <= $1::timestamptz OR t75.id IS NOT NULL)
            )
            UNION ALL (
              SELECT t78.loser_id AS "id", t79."version", t79."record_state", t79."updated_at", t79."name",
                t79."country", t79."plain_version"
              FROM api.forward AS t78
              CROSS JOIN LATERAL (
                SELECT t82.*
                FROM (
                  SELECT t81."id", t81."version", t81."record_state", t81."updated_at", t81."name", t81."country",
                    t81."plain_version"
                  FROM api.client_version AS t81
                  WHERE t81.id = t78.loser_id AND t81.recorded_at <= $1::timestamptz
                  ORDER BY t81.recorded_at DESC
                  LIMIT 1
                ) AS t82
                WHERE t82.record_state <> 'merged'
              ) AS t79
              WHERE t78.entity = 'client'
                AND (SELECT d.made_at FROM api.decision AS d WHERE d.id = t78.decision_id) > $1::timestamptz
                AND NOT EXISTS (SELECT FROM api.client AS t80 WHERE t80.id = t78.loser_id)
            )
          ) AS t73
          WHERE true
          GROUP BY 1
        ) AS t72
        WHERE true
        ORDER BY t72.key1 NULLS LAST
        LIMIT $9::bigint OFFSET $10::bigint
      ) AS t71
    ),
    'UTF8'
  )
