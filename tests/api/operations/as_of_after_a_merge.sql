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
        SELECT t4.*
        FROM (
          SELECT t7.*
          FROM (
            SELECT t6."id", t6."version", t6."record_state", t6."updated_at", t6."name", t6."plain_version"
            FROM api.client_version AS t6
            WHERE t6.id = CASE
              WHEN NOT EXISTS (
                SELECT
                FROM (
                  SELECT other_id AS loser_id, golden_id AS survivor_id
                  FROM api.decision
                  WHERE kind = 'merge'
                    AND made_at <= $2::timestamptz
                    AND (withdrawn_at IS NULL OR withdrawn_at > $2::timestamptz)
                ) AS g
                WHERE g.loser_id = $1::uuid
              ) THEN $1::uuid
              ELSE coalesce(
                (
                  WITH RECURSIVE t1 (survivor, steps) AS (
                    SELECT survivor_id, 1
                    FROM (
                      SELECT other_id AS loser_id, golden_id AS survivor_id
                      FROM api.decision
                      WHERE kind = 'merge'
                        AND made_at <= $2::timestamptz
                        AND (withdrawn_at IS NULL OR withdrawn_at > $2::timestamptz)
                    ) AS f
                    WHERE loser_id = $1::uuid
                    UNION ALL SELECT t2.survivor_id, t1.steps + 1
                    FROM t1
                    JOIN (
                      SELECT other_id AS loser_id, golden_id AS survivor_id
                      FROM api.decision
                      WHERE kind = 'merge'
                        AND made_at <= $2::timestamptz
                        AND (withdrawn_at IS NULL OR withdrawn_at > $2::timestamptz)
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
              AND t6.recorded_at <= $2::timestamptz
            ORDER BY t6.recorded_at DESC
            LIMIT 1
          ) AS t7
          WHERE t7.record_state <> 'merged'
        ) AS t4
        WHERE NOT EXISTS (
          SELECT
          FROM api.forward AS t5
          WHERE t5.loser_id = t4.id
            AND (SELECT d.made_at FROM api.decision AS d WHERE d.id = t5.decision_id) <= $2::timestamptz
        )
      ) AS t3
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
                  WHEN t8.plain_version = t8.version THEN coalesce(('{"name":"' || t8."name" || '"'), '{"name":null')
                  ELSE coalesce(('{"name":' || to_json(t8."name")::text), '{"name":null')
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
        SELECT t9.*
        FROM LATERAL (
          SELECT t10."id", t10."version", t10."record_state", t10."updated_at", t10."name", t10."plain_version"
          FROM api.client AS t10
          WHERE lower(t10."name") ~>=~ lower($4::text)
            AND lower(t10."name") ~<~ (lower($4::text) || chr(1114111))
            AND starts_with(lower(t10."name"), lower($4::text))
            AND t10.updated_at <= $2::timestamptz
          UNION ALL SELECT t13.*
          FROM (
            (
              SELECT t11.id
              FROM api.client AS t11
              WHERE lower(t11."name") ~>=~ lower($5::text)
                AND lower(t11."name") ~<~ (lower($5::text) || chr(1114111))
                AND starts_with(lower(t11."name"), lower($5::text))
                AND t11.updated_at > $2::timestamptz EXCEPT
              SELECT t14.golden_id
              FROM api.former_value AS t14
              WHERE t14.entity = 'client'
                AND t14.field = 'name'
                AND t14.until > $2::timestamptz
                AND t14.became >= lower(($6::text)::text)
                AND t14.became < (lower(($6::text)::text) || chr(1114111))
            )
            UNION SELECT t15.golden_id
            FROM api.former_value AS t15
            WHERE t15.entity = 'client'
              AND t15.field = 'name'
              AND t15.until > $2::timestamptz
              AND t15.since <= $2::timestamptz
              AND t15.value >= lower(($7::text)::text)
              AND t15.value < (lower(($7::text)::text) || chr(1114111))
          ) AS t12
          CROSS JOIN LATERAL (
            SELECT t17.*
            FROM (
              SELECT t16."id", t16."version", t16."record_state", t16."updated_at", t16."name", t16."plain_version"
              FROM api.client_version AS t16
              WHERE t16.id = t12.id AND t16.recorded_at <= $2::timestamptz
              ORDER BY t16.recorded_at DESC
              LIMIT 1
            ) AS t17
            WHERE t17.record_state <> 'merged'
          ) AS t13
        ) AS t9
        WHERE starts_with(lower(t9."name"), lower($3::text))
        ORDER BY t9."id" ASC
        LIMIT 20
      ) AS t8
    ),
    'UTF8'
  )
