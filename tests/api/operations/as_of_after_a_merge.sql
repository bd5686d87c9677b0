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
          SELECT t6."id", t6."version", t6."updated_at", t6."name", t6."plain_version"
          FROM api.client_version AS t6
          WHERE t6.id = CASE
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
            AND t6.recorded_at <= $2::timestamptz
          ORDER BY t6.recorded_at DESC
          LIMIT 1
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
                  WHEN t7.plain_version = t7.version THEN coalesce(('{"name":"' || t7."name" || '"'), '{"name":null')
                  ELSE coalesce(('{"name":' || to_json(t7."name")::text), '{"name":null')
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
        SELECT t8.*
        FROM LATERAL (
          SELECT t9."id", t9."version", t9."updated_at", t9."name", t9."plain_version"
          FROM api.client AS t9
          WHERE lower(t9."name") ~>=~ lower($4::text)
            AND lower(t9."name") ~<~ (lower($4::text) || chr(1114111))
            AND starts_with(lower(t9."name"), lower($4::text))
            AND t9.updated_at <= $2::timestamptz
          UNION ALL SELECT t12.*
          FROM (
            (
              SELECT t10.id
              FROM api.client AS t10
              WHERE lower(t10."name") ~>=~ lower($5::text)
                AND lower(t10."name") ~<~ (lower($5::text) || chr(1114111))
                AND starts_with(lower(t10."name"), lower($5::text))
                AND t10.updated_at > $2::timestamptz EXCEPT
              SELECT t13.golden_id
              FROM api.former_value AS t13
              WHERE t13.entity = 'client'
                AND t13.field = 'name'
                AND t13.until > $2::timestamptz
                AND t13.became >= lower(($6::text)::text)
                AND t13.became < (lower(($6::text)::text) || chr(1114111))
            )
            UNION SELECT t14.golden_id
            FROM api.former_value AS t14
            WHERE t14.entity = 'client'
              AND t14.field = 'name'
              AND t14.until > $2::timestamptz
              AND t14.since <= $2::timestamptz
              AND t14.value >= lower(($7::text)::text)
              AND t14.value < (lower(($7::text)::text) || chr(1114111))
          ) AS t11
          CROSS JOIN LATERAL (
            SELECT t15."id", t15."version", t15."updated_at", t15."name", t15."plain_version"
            FROM api.client_version AS t15
            WHERE t15.id = t11.id AND t15.recorded_at <= $2::timestamptz
            ORDER BY t15.recorded_at DESC
            LIMIT 1
          ) AS t12
        ) AS t8
        WHERE starts_with(lower(t8."name"), lower($3::text))
        ORDER BY t8."id" ASC
        LIMIT 20
      ) AS t7
    ),
    'UTF8'
  )
