SELECT convert_to(
  (
    SELECT (
      '{"totalCount":'
        || (
          SELECT count(*)
          FROM api.project AS t2
          WHERE EXISTS (
            SELECT
            FROM api.client AS t3
            WHERE t3.id = t2.client_id
              AND lower(t3."name") ~>=~ lower($1::text)
              AND lower(t3."name") ~<~ (lower($1::text) || chr(1114111))
              AND starts_with(lower(t3."name"), lower($1::text))
          )
            AND EXISTS (SELECT FROM api.time_entry AS t4 WHERE t4.project_id = t2.id AND t4."work_date" >= $2::date)
        )::text
        || ',"nodes":['
        || coalesce(
          string_agg(
            (
              CASE
                WHEN t1.plain_version = t1.version THEN coalesce(('{"name":"' || t1."name" || '"'), '{"name":null')
                ELSE coalesce(('{"name":' || to_json(t1."name")::text), '{"name":null')
              END
                || coalesce(
                  (
                    ',"client":'
                      || (
                        SELECT (
                          CASE
                            WHEN t5.plain_version = t5.version THEN coalesce(
                              ('{"name":"' || t5."name" || '"'), '{"name":null'
                            )
                            ELSE coalesce(('{"name":' || to_json(t5."name")::text), '{"name":null')
                          END
                            || '}'
                        ) AS o
                        FROM api.client AS t5
                        WHERE t5.id = t1.client_id
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
      SELECT t6.*
      FROM api.project AS t6
      WHERE EXISTS (
        SELECT
        FROM api.client AS t7
        WHERE t7.id = t6.client_id
          AND lower(t7."name") ~>=~ lower($3::text)
          AND lower(t7."name") ~<~ (lower($3::text) || chr(1114111))
          AND starts_with(lower(t7."name"), lower($3::text))
      )
        AND EXISTS (SELECT FROM api.time_entry AS t8 WHERE t8.project_id = t6.id AND t8."work_date" >= $4::date)
      ORDER BY t6."name" ASC, t6."id" ASC
      LIMIT 3
    ) AS t1
  ),
  'UTF8'
)
