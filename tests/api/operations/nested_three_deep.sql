SELECT convert_to(
  (
    SELECT (
      '{"nodes":['
        || coalesce(
          string_agg(
            (
              CASE
                WHEN t1.plain_version = t1.version THEN coalesce(('{"name":"' || t1."name" || '"'), '{"name":null')
                ELSE coalesce(('{"name":' || to_json(t1."name")::text), '{"name":null')
              END
                || ',"projects":'
                || (
                  SELECT (
                    '{"totalCount":'
                      || (
                        SELECT count(*)
                        FROM api.project AS t3
                        WHERE t3.client_id = t1.id AND t3."manager_id" IS NOT NULL
                      )::text
                      || ',"nodes":['
                      || coalesce(
                        string_agg(
                          (
                            CASE
                              WHEN t2.plain_version = t2.version THEN coalesce(
                                ('{"code":"' || t2."code" || '"'), '{"code":null'
                              )
                              ELSE coalesce(('{"code":' || to_json(t2."code")::text), '{"code":null')
                            END
                              || ',"timeEntries":'
                              || (
                                SELECT (
                                  '{"totalCount":'
                                    || (
                                      SELECT count(*)
                                      FROM api.time_entry AS t5
                                      WHERE t5.project_id = t2.id AND t5."work_date" >= $1::date
                                    )::text
                                    || ',"edges":['
                                    || coalesce(
                                      string_agg(
                                        (
                                          '{"node":'
                                            || coalesce(
                                              ('{"workDate":"' || t4."work_date"::text || '"'), '{"workDate":null'
                                            )
                                            || coalesce(
                                              (
                                                ',"resource":'
                                                  || (
                                                    SELECT (
                                                      CASE
                                                        WHEN t6.plain_version = t6.version THEN coalesce(
                                                          ('{"familyName":"' || t6."family_name" || '"'),
                                                          '{"familyName":null'
                                                        )
                                                        ELSE coalesce(
                                                          ('{"familyName":' || to_json(t6."family_name")::text),
                                                          '{"familyName":null'
                                                        )
                                                      END
                                                        || '}'
                                                    ) AS o
                                                    FROM api.resource AS t6
                                                    WHERE t6.id = t4.resource_id
                                                  )
                                              ),
                                              ',"resource":null'
                                            )
                                            || coalesce(
                                              (
                                                ',"project":'
                                                  || (
                                                    SELECT (
                                                      coalesce(
                                                        (
                                                          '{"client":'
                                                            || (
                                                              SELECT (
                                                                CASE
                                                                  WHEN t8.plain_version = t8.version THEN coalesce(
                                                                    ('{"name":"' || t8."name" || '"'), '{"name":null'
                                                                  )
                                                                  ELSE coalesce(
                                                                    ('{"name":' || to_json(t8."name")::text),
                                                                    '{"name":null'
                                                                  )
                                                                END
                                                                  || '}'
                                                              ) AS o
                                                              FROM api.client AS t8
                                                              WHERE t8.id = t7.client_id
                                                            )
                                                        ),
                                                        '{"client":null'
                                                      )
                                                        || '}'
                                                    ) AS o
                                                    FROM api.project AS t7
                                                    WHERE t7.id = t4.project_id
                                                  )
                                              ),
                                              ',"project":null'
                                            )
                                            || '}'
                                            || '}'
                                        ),
                                        ','
                                      ) FILTER (WHERE t4.rn_ <= 1),
                                      ''
                                    )
                                    || '],"pageInfo":{"hasNextPage":'
                                    || (count(*) > 1)::text
                                    || '}}'
                                )
                                FROM (
                                  SELECT t10.*, row_number() OVER () AS rn_, count(*) OVER () AS total_
                                  FROM (
                                    SELECT t9.*
                                    FROM api.time_entry AS t9
                                    WHERE t9.project_id = t2.id AND t9."work_date" >= $2::date
                                    ORDER BY t9."work_date" DESC NULLS LAST, t9."id" ASC
                                    LIMIT 2
                                  ) AS t10
                                ) AS t4
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
                    SELECT t11.*
                    FROM api.project AS t11
                    WHERE t11.client_id = t1.id AND t11."manager_id" IS NOT NULL
                    ORDER BY t11."code" ASC, t11."id" ASC
                    LIMIT 2
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
    FROM (SELECT t12.* FROM api.client AS t12 WHERE true ORDER BY t12."name" DESC NULLS LAST, t12."id" ASC LIMIT 3) AS t1
  ),
  'UTF8'
)
