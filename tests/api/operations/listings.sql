SELECT convert_to(
  (
    SELECT (
      '{"nodes":['
        || coalesce(
          string_agg(
            (
              CASE
                WHEN jsonb_typeof(t1."funding") = 'array' THEN (
                  '{"funding":'
                    || (
                      SELECT (
                        '['
                          || coalesce(
                            string_agg(
                              (
                                '{"__typename":"ContractLineFundingItem"'
                                  || coalesce(
                                    (
                                      ',"percent":'
                                        || CASE
                                          WHEN jsonb_typeof((t2.v -> 'percent')) <> 'null' THEN (t2.v -> 'percent')::text
                                        END
                                    ),
                                    ',"percent":null'
                                  )
                                  || coalesce(
                                    (
                                      ',"payer":'
                                        || (
                                          SELECT (
                                            CASE
                                              WHEN t3.plain_version = t3.version THEN (
                                                '{"id":"'
                                                  || t3.id::text
                                                  || '"'
                                                  || coalesce((',"name":"' || t3."name" || '"'), ',"name":null')
                                              )
                                              ELSE (
                                                '{"id":"'
                                                  || t3.id::text
                                                  || '"'
                                                  || coalesce((',"name":' || to_json(t3."name")::text), ',"name":null')
                                              )
                                            END
                                              || '}'
                                          ) AS o
                                          FROM api.client AS t3
                                          WHERE t3.id = CASE
                                            WHEN EXISTS (
                                              SELECT
                                              FROM api.forward
                                              WHERE loser_id = CASE
                                                WHEN (
                                                  CASE
                                                    jsonb_typeof((t2.v -> 'payer'))
                                                    WHEN 'string' THEN (t2.v -> 'payer') #>> '{}'
                                                    WHEN 'object' THEN CASE
                                                      WHEN NOT (t2.v -> 'payer') ? 'system'
                                                        AND jsonb_typeof((t2.v -> 'payer') -> 'id') = 'string' THEN (
                                                          t2.v -> 'payer'
                                                        ) ->> 'id'
                                                    END
                                                  END
                                                ) ~ '^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$' THEN (
                                                  CASE
                                                    jsonb_typeof((t2.v -> 'payer'))
                                                    WHEN 'string' THEN (t2.v -> 'payer') #>> '{}'
                                                    WHEN 'object' THEN CASE
                                                      WHEN NOT (t2.v -> 'payer') ? 'system'
                                                        AND jsonb_typeof((t2.v -> 'payer') -> 'id') = 'string' THEN (
                                                          t2.v -> 'payer'
                                                        ) ->> 'id'
                                                    END
                                                  END
                                                )::uuid
                                              END
                                            ) THEN api.survivor(
                                              CASE
                                                WHEN (
                                                  CASE
                                                    jsonb_typeof((t2.v -> 'payer'))
                                                    WHEN 'string' THEN (t2.v -> 'payer') #>> '{}'
                                                    WHEN 'object' THEN CASE
                                                      WHEN NOT (t2.v -> 'payer') ? 'system'
                                                        AND jsonb_typeof((t2.v -> 'payer') -> 'id') = 'string' THEN (
                                                          t2.v -> 'payer'
                                                        ) ->> 'id'
                                                    END
                                                  END
                                                ) ~ '^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$' THEN (
                                                  CASE
                                                    jsonb_typeof((t2.v -> 'payer'))
                                                    WHEN 'string' THEN (t2.v -> 'payer') #>> '{}'
                                                    WHEN 'object' THEN CASE
                                                      WHEN NOT (t2.v -> 'payer') ? 'system'
                                                        AND jsonb_typeof((t2.v -> 'payer') -> 'id') = 'string' THEN (
                                                          t2.v -> 'payer'
                                                        ) ->> 'id'
                                                    END
                                                  END
                                                )::uuid
                                              END
                                            )
                                            ELSE CASE
                                              WHEN (
                                                CASE
                                                  jsonb_typeof((t2.v -> 'payer'))
                                                  WHEN 'string' THEN (t2.v -> 'payer') #>> '{}'
                                                  WHEN 'object' THEN CASE
                                                    WHEN NOT (t2.v -> 'payer') ? 'system'
                                                      AND jsonb_typeof((t2.v -> 'payer') -> 'id') = 'string' THEN (
                                                        t2.v -> 'payer'
                                                      ) ->> 'id'
                                                  END
                                                END
                                              ) ~ '^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$' THEN (
                                                CASE
                                                  jsonb_typeof((t2.v -> 'payer'))
                                                  WHEN 'string' THEN (t2.v -> 'payer') #>> '{}'
                                                  WHEN 'object' THEN CASE
                                                    WHEN NOT (t2.v -> 'payer') ? 'system'
                                                      AND jsonb_typeof((t2.v -> 'payer') -> 'id') = 'string' THEN (
                                                        t2.v -> 'payer'
                                                      ) ->> 'id'
                                                  END
                                                END
                                              )::uuid
                                            END
                                          END
                                        )
                                    ),
                                    ',"payer":null'
                                  )
                                  || '}'
                              ),
                              ','
                              ORDER BY t2.n
                            ),
                            ''
                          )
                          || ']'
                      )
                      FROM jsonb_array_elements(t1."funding") WITH ORDINALITY AS t2 (v, n)
                    )
                )
                ELSE '{"funding":null'
              END
                || CASE
                  WHEN jsonb_typeof(t1."scope_projects") = 'array' THEN (
                    ',"scopeProjects":'
                      || (
                        SELECT ('[' || coalesce(string_agg(t5.o, ',' ORDER BY t5.n), '') || ']')
                        FROM (
                          SELECT t4.n,
                            (
                              SELECT (
                                CASE
                                  WHEN t6.plain_version = t6.version THEN (
                                    '{"__typename":"Project"'
                                      || coalesce((',"code":"' || t6."code" || '"'), ',"code":null')
                                  )
                                  ELSE (
                                    '{"__typename":"Project"'
                                      || coalesce((',"code":' || to_json(t6."code")::text), ',"code":null')
                                  )
                                END
                                  || coalesce(
                                    (
                                      ',"client":'
                                        || (
                                          SELECT (
                                            CASE
                                              WHEN t7.plain_version = t7.version THEN coalesce(
                                                ('{"name":"' || t7."name" || '"'), '{"name":null'
                                              )
                                              ELSE coalesce(('{"name":' || to_json(t7."name")::text), '{"name":null')
                                            END
                                              || '}'
                                          ) AS o
                                          FROM api.client AS t7
                                          WHERE t7.id = t6.client_id
                                        )
                                    ),
                                    ',"client":null'
                                  )
                                  || '}'
                              ) AS o
                              FROM api.project AS t6
                              WHERE t6.id = CASE
                                WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = t4.golden_id) THEN api.survivor(
                                  t4.golden_id
                                )
                                ELSE t4.golden_id
                              END
                            ) AS o
                          FROM (
                            SELECT n,
                              CASE
                                WHEN (
                                  CASE
                                    jsonb_typeof(v)
                                    WHEN 'string' THEN v #>> '{}'
                                    WHEN 'object' THEN CASE
                                      WHEN NOT v ? 'system' AND jsonb_typeof(v -> 'id') = 'string' THEN v ->> 'id'
                                    END
                                  END
                                ) ~ '^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$' THEN (
                                  CASE
                                    jsonb_typeof(v)
                                    WHEN 'string' THEN v #>> '{}'
                                    WHEN 'object' THEN CASE
                                      WHEN NOT v ? 'system' AND jsonb_typeof(v -> 'id') = 'string' THEN v ->> 'id'
                                    END
                                  END
                                )::uuid
                              END AS golden_id
                            FROM jsonb_array_elements(t1."scope_projects") WITH ORDINALITY AS each (v, n)
                          ) AS t4
                        ) AS t5
                        WHERE t5.o IS NOT NULL
                      )
                  )
                  ELSE ',"scopeProjects":null'
                END
                || '}'
            ),
            ','
          ),
          ''
        )
        || ']}'
    )
    FROM (SELECT t8.* FROM api.contract_line AS t8 WHERE true ORDER BY t8."id" ASC LIMIT 20) AS t1
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
                  WHEN t9.plain_version = t9.version THEN coalesce(
                    ('{"number":"' || t9."number" || '"'), '{"number":null'
                  )
                  ELSE coalesce(('{"number":' || to_json(t9."number")::text), '{"number":null')
                END
                  || CASE
                    WHEN jsonb_typeof(t9."projects") = 'array' THEN (
                      ',"projects":'
                        || (
                          SELECT ('[' || coalesce(string_agg(t11.o, ',' ORDER BY t11.n), '') || ']')
                          FROM (
                            SELECT t10.n,
                              (
                                SELECT (
                                  CASE
                                    WHEN t12.plain_version = t12.version THEN coalesce(
                                      ('{"code":"' || t12."code" || '"'), '{"code":null'
                                    )
                                    ELSE coalesce(('{"code":' || to_json(t12."code")::text), '{"code":null')
                                  END
                                    || '}'
                                ) AS o
                                FROM api.project AS t12
                                WHERE t12.id = CASE
                                  WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = t10.golden_id) THEN api.survivor(
                                    t10.golden_id
                                  )
                                  ELSE t10.golden_id
                                END
                              ) AS o
                            FROM (
                              SELECT n,
                                CASE
                                  WHEN (
                                    CASE
                                      jsonb_typeof(v)
                                      WHEN 'string' THEN v #>> '{}'
                                      WHEN 'object' THEN CASE
                                        WHEN NOT v ? 'system' AND jsonb_typeof(v -> 'id') = 'string' THEN v ->> 'id'
                                      END
                                    END
                                  ) ~ '^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$' THEN (
                                    CASE
                                      jsonb_typeof(v)
                                      WHEN 'string' THEN v #>> '{}'
                                      WHEN 'object' THEN CASE
                                        WHEN NOT v ? 'system' AND jsonb_typeof(v -> 'id') = 'string' THEN v ->> 'id'
                                      END
                                    END
                                  )::uuid
                                END AS golden_id
                              FROM jsonb_array_elements(t9."projects") WITH ORDINALITY AS each (v, n)
                            ) AS t10
                          ) AS t11
                          WHERE t11.o IS NOT NULL
                        )
                    )
                    ELSE ',"projects":null'
                  END
                  || '}'
              ),
              ','
            ),
            ''
          )
          || ']}'
      )
      FROM (SELECT t13.* FROM api.invoice AS t13 WHERE true ORDER BY t13."number" ASC, t13."id" ASC LIMIT 20) AS t9
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
                coalesce(('{"aliases":' || (t14."aliases")::text), '{"aliases":null')
                  || CASE
                    WHEN jsonb_typeof(t14."tax_registrations") = 'array' THEN (
                      ',"taxRegistrations":'
                        || (
                          SELECT (
                            '['
                              || coalesce(
                                string_agg(
                                  (
                                    coalesce(
                                      (
                                        '{"number":'
                                          || CASE
                                            WHEN jsonb_typeof((t15.v -> 'number')) <> 'null' THEN (t15.v -> 'number')::text
                                          END
                                      ),
                                      '{"number":null'
                                    )
                                      || '}'
                                  ),
                                  ','
                                  ORDER BY t15.n
                                ),
                                ''
                              )
                              || ']'
                          )
                          FROM jsonb_array_elements(t14."tax_registrations") WITH ORDINALITY AS t15 (v, n)
                        )
                    )
                    ELSE ',"taxRegistrations":null'
                  END
                  || '}'
              ),
              ','
            ),
            ''
          )
          || ']}'
      )
      FROM (SELECT t16.* FROM api.client AS t16 WHERE true ORDER BY t16."name" ASC, t16."id" ASC LIMIT 20) AS t14
    ),
    'UTF8'
  )
