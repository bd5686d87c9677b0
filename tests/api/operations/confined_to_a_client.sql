SELECT convert_to(
  (
    SELECT (
      '{"totalCount":'
        || (SELECT count(*) FROM api.client AS t2 WHERE true AND t2."id" = ANY ((SELECT $1::uuid[])::uuid[]))::text
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
                    ',"accountManager":'
                      || (
                        SELECT (
                          CASE
                            WHEN t3.plain_version = t3.version THEN coalesce(
                              ('{"familyName":"' || t3."family_name" || '"'), '{"familyName":null'
                            )
                            ELSE coalesce(('{"familyName":' || to_json(t3."family_name")::text), '{"familyName":null')
                          END
                            || '}'
                        ) AS o
                        FROM api.resource AS t3
                        WHERE t3.id = t1.account_manager_id AND (false)
                      )
                  ),
                  ',"accountManager":null'
                )
                || ',"projects":'
                || (
                  SELECT (
                    '{"totalCount":'
                      || (
                        SELECT count(*)
                        FROM api.project AS t5
                        WHERE t5.client_id = t1.id AND true AND t5."client_id" = ANY ((SELECT $2::uuid[])::uuid[])
                      )::text
                      || ',"nodes":['
                      || coalesce(
                        string_agg(
                          (
                            CASE
                              WHEN t4.plain_version = t4.version THEN coalesce(
                                ('{"code":"' || t4."code" || '"'), '{"code":null'
                              )
                              ELSE coalesce(('{"code":' || to_json(t4."code")::text), '{"code":null')
                            END
                              || ',"timeEntries":'
                              || '{"totalCount":'
                              || (
                                SELECT count(*)
                                FROM api.time_entry AS t7
                                WHERE t7.project_id = t4.id
                                  AND true
                                  AND EXISTS (
                                    SELECT
                                    FROM api.project AS t8
                                    WHERE t8.id = t7.project_id AND t8."client_id" = ANY ((SELECT $3::uuid[])::uuid[])
                                  )
                              )::text
                              || '}'
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
                    FROM api.project AS t9
                    WHERE t9.client_id = t1.id AND true AND t9."client_id" = ANY ((SELECT $4::uuid[])::uuid[])
                    ORDER BY t9."id" ASC
                    LIMIT 20
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
      SELECT t10.*
      FROM api.client AS t10
      WHERE true AND t10."id" = ANY ((SELECT $5::uuid[])::uuid[])
      ORDER BY t10."id" ASC
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
            WHEN t11.plain_version = t11.version THEN coalesce(('{"name":"' || t11."name" || '"'), '{"name":null')
            ELSE coalesce(('{"name":' || to_json(t11."name")::text), '{"name":null')
          END
            || '}'
        ) AS o
        FROM api.client AS t11
        WHERE t11.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $6::uuid) THEN api.survivor($6::uuid) ELSE $6::uuid
        END
          AND t11."id" = ANY ((SELECT $7::uuid[])::uuid[])
      ),
      'null'
    ),
    'UTF8'
  ),
  convert_to(
    coalesce(
      (
        SELECT (
          CASE
            WHEN t12.plain_version = t12.version THEN coalesce(('{"name":"' || t12."name" || '"'), '{"name":null')
            ELSE coalesce(('{"name":' || to_json(t12."name")::text), '{"name":null')
          END
            || '}'
        ) AS o
        FROM api.client AS t12
        WHERE t12.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $8::uuid) THEN api.survivor($8::uuid) ELSE $8::uuid
        END
          AND t12."id" = ANY ((SELECT $9::uuid[])::uuid[])
      ),
      'null'
    ),
    'UTF8'
  ),
  convert_to(
    coalesce(
      (
        SELECT (
          CASE
            WHEN t14.plain_version = t14.version THEN coalesce(('{"name":"' || t14."name" || '"'), '{"name":null')
            ELSE coalesce(('{"name":' || to_json(t14."name")::text), '{"name":null')
          END
            || '}'
        ) AS o
        FROM api.client AS t14
        WHERE t14.id = CASE
          WHEN EXISTS (
            SELECT
            FROM api.forward
            WHERE loser_id = (
              SELECT t13.golden_id
              FROM api.source_record t13
              WHERE t13.system = $10::text
                AND t13.external_id = $11::text
                AND t13.entity = 'client'
                AND t13.golden_id IS NOT NULL
              ORDER BY t13.state <> 'present', t13.id
              LIMIT 1
            )
          ) THEN api.survivor(
            (
              SELECT t13.golden_id
              FROM api.source_record t13
              WHERE t13.system = $10::text
                AND t13.external_id = $11::text
                AND t13.entity = 'client'
                AND t13.golden_id IS NOT NULL
              ORDER BY t13.state <> 'present', t13.id
              LIMIT 1
            )
          )
          ELSE (
            SELECT t13.golden_id
            FROM api.source_record t13
            WHERE t13.system = $10::text
              AND t13.external_id = $11::text
              AND t13.entity = 'client'
              AND t13.golden_id IS NOT NULL
            ORDER BY t13.state <> 'present', t13.id
            LIMIT 1
          )
        END
          AND t14."id" = ANY ((SELECT $12::uuid[])::uuid[])
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
                  WHEN t15.plain_version = t15.version THEN coalesce(('{"code":"' || t15."code" || '"'), '{"code":null')
                  ELSE coalesce(('{"code":' || to_json(t15."code")::text), '{"code":null')
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
        SELECT t16.*,
          (
            SELECT t16_manager_id."family_name"
            FROM api.resource AS t16_manager_id
            WHERE t16_manager_id.id = t16.manager_id AND true AND (false)
          ) AS "manager_id.family_name"
        FROM api.project AS t16
        WHERE EXISTS (
          SELECT
          FROM api.client AS t17
          WHERE t17.id = t16.client_id AND t17."country" IS NOT NULL AND t17."id" = ANY ((SELECT $13::uuid[])::uuid[])
        )
          AND t16."client_id" = ANY ((SELECT $14::uuid[])::uuid[])
        ORDER BY (
          SELECT t16_manager_id."family_name"
          FROM api.resource AS t16_manager_id
          WHERE t16_manager_id.id = t16.manager_id AND true AND (false)
        ) ASC,
          t16."id" ASC
        LIMIT 20
      ) AS t15
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
                  || coalesce(('{"country":' || to_json(t18.key1)::text), '{"country":null')
                  || '},"count":'
                  || t18.count::text
                  || '}'
              ),
              ','
            ),
            ''
          )
          || ']'
      )
      FROM (
        SELECT t19.*
        FROM (
          SELECT t20."country" AS key1, count(*) AS count
          FROM api.client AS t20
          WHERE true AND t20."id" = ANY ((SELECT $15::uuid[])::uuid[])
          GROUP BY 1
        ) AS t19
        WHERE true
        ORDER BY t19.key1 NULLS LAST
        LIMIT $16::bigint OFFSET $17::bigint
      ) AS t18
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
                '{"sum":{"totalValue":'
                  || (
                    SELECT (
                      '['
                        || coalesce(
                          string_agg(
                            (
                              coalesce(('{"amount":"' || t22.amount || '"'), '{"amount":null')
                                || coalesce(
                                  (',"currency":' || to_json(t22."total_value_currency")::text), ',"currency":null'
                                )
                                || '}'
                            ),
                            ','
                          ),
                          ''
                        )
                        || ']'
                    )
                    FROM (
                      SELECT (sum(part."sum.total_value"))::text AS amount, part."total_value_currency"
                      FROM unnest(t21.parts) AS part ("total_value_currency" text, "sum.total_value" numeric)
                      WHERE part."sum.total_value" IS NOT NULL
                      GROUP BY part."total_value_currency"
                      ORDER BY part."total_value_currency"
                    ) AS t22
                  )
                  || '}}'
              ),
              ','
            ),
            ''
          )
          || ']'
      )
      FROM (
        SELECT t23.*
        FROM (
          SELECT coalesce(sum(part.count), 0)::bigint AS count,
            array_agg(ROW(part."total_value_currency", part."sum.total_value")) AS parts
          FROM (
            SELECT t24."total_value_currency", count(*) AS count, sum(t24."total_value") AS "sum.total_value"
            FROM api.contract AS t24
            WHERE true AND t24."client_id" = ANY ((SELECT $18::uuid[])::uuid[])
            GROUP BY 1
          ) AS part
        ) AS t23
        WHERE true
        LIMIT $19::bigint OFFSET $20::bigint
      ) AS t21
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
                  WHEN t25.plain_version = t25.version THEN coalesce(
                    ('{"number":"' || t25."number" || '"'), '{"number":null'
                  )
                  ELSE coalesce(('{"number":' || to_json(t25."number")::text), '{"number":null')
                END
                  || CASE
                    WHEN jsonb_typeof(t25."projects") = 'array' THEN (
                      ',"projects":'
                        || (
                          SELECT ('[' || coalesce(string_agg(t27.o, ',' ORDER BY t27.n), '') || ']')
                          FROM (
                            SELECT t26.n,
                              (
                                SELECT (
                                  CASE
                                    WHEN t28.plain_version = t28.version THEN coalesce(
                                      ('{"code":"' || t28."code" || '"'), '{"code":null'
                                    )
                                    ELSE coalesce(('{"code":' || to_json(t28."code")::text), '{"code":null')
                                  END
                                    || '}'
                                ) AS o
                                FROM api.project AS t28
                                WHERE t28.id = CASE
                                  WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = t26.golden_id) THEN api.survivor(
                                    t26.golden_id
                                  )
                                  ELSE t26.golden_id
                                END
                                  AND t28."client_id" = ANY ((SELECT $21::uuid[])::uuid[])
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
                              FROM jsonb_array_elements(t25."projects") WITH ORDINALITY AS each (v, n)
                            ) AS t26
                          ) AS t27
                          WHERE t27.o IS NOT NULL
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
      FROM (
        SELECT t29.*
        FROM api.invoice AS t29
        WHERE true AND t29."client_id" = ANY ((SELECT $22::uuid[])::uuid[])
        ORDER BY t29."id" ASC
        LIMIT 20
      ) AS t25
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
                  WHEN jsonb_typeof(t30."funding") = 'array' THEN (
                    '{"funding":'
                      || (
                        SELECT (
                          '['
                            || coalesce(
                              string_agg(
                                (
                                  coalesce(
                                    (
                                      '{"payer":'
                                        || (
                                          SELECT (
                                            CASE
                                              WHEN t32.plain_version = t32.version THEN coalesce(
                                                ('{"name":"' || t32."name" || '"'), '{"name":null'
                                              )
                                              ELSE coalesce(('{"name":' || to_json(t32."name")::text), '{"name":null')
                                            END
                                              || '}'
                                          ) AS o
                                          FROM api.client AS t32
                                          WHERE t32.id = CASE
                                            WHEN EXISTS (
                                              SELECT
                                              FROM api.forward
                                              WHERE loser_id = CASE
                                                WHEN (
                                                  CASE
                                                    jsonb_typeof((t31.v -> 'payer'))
                                                    WHEN 'string' THEN (t31.v -> 'payer') #>> '{}'
                                                    WHEN 'object' THEN CASE
                                                      WHEN NOT (t31.v -> 'payer') ? 'system'
                                                        AND jsonb_typeof((t31.v -> 'payer') -> 'id') = 'string' THEN (
                                                          t31.v -> 'payer'
                                                        ) ->> 'id'
                                                    END
                                                  END
                                                ) ~ '^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$' THEN (
                                                  CASE
                                                    jsonb_typeof((t31.v -> 'payer'))
                                                    WHEN 'string' THEN (t31.v -> 'payer') #>> '{}'
                                                    WHEN 'object' THEN CASE
                                                      WHEN NOT (t31.v -> 'payer') ? 'system'
                                                        AND jsonb_typeof((t31.v -> 'payer') -> 'id') = 'string' THEN (
                                                          t31.v -> 'payer'
                                                        ) ->> 'id'
                                                    END
                                                  END
                                                )::uuid
                                              END
                                            ) THEN api.survivor(
                                              CASE
                                                WHEN (
                                                  CASE
                                                    jsonb_typeof((t31.v -> 'payer'))
                                                    WHEN 'string' THEN (t31.v -> 'payer') #>> '{}'
                                                    WHEN 'object' THEN CASE
                                                      WHEN NOT (t31.v -> 'payer') ? 'system'
                                                        AND jsonb_typeof((t31.v -> 'payer') -> 'id') = 'string' THEN (
                                                          t31.v -> 'payer'
                                                        ) ->> 'id'
                                                    END
                                                  END
                                                ) ~ '^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$' THEN (
                                                  CASE
                                                    jsonb_typeof((t31.v -> 'payer'))
                                                    WHEN 'string' THEN (t31.v -> 'payer') #>> '{}'
                                                    WHEN 'object' THEN CASE
                                                      WHEN NOT (t31.v -> 'payer') ? 'system'
                                                        AND jsonb_typeof((t31.v -> 'payer') -> 'id') = 'string' THEN (
                                                          t31.v -> 'payer'
                                                        ) ->> 'id'
                                                    END
                                                  END
                                                )::uuid
                                              END
                                            )
                                            ELSE CASE
                                              WHEN (
                                                CASE
                                                  jsonb_typeof((t31.v -> 'payer'))
                                                  WHEN 'string' THEN (t31.v -> 'payer') #>> '{}'
                                                  WHEN 'object' THEN CASE
                                                    WHEN NOT (t31.v -> 'payer') ? 'system'
                                                      AND jsonb_typeof((t31.v -> 'payer') -> 'id') = 'string' THEN (
                                                        t31.v -> 'payer'
                                                      ) ->> 'id'
                                                  END
                                                END
                                              ) ~ '^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$' THEN (
                                                CASE
                                                  jsonb_typeof((t31.v -> 'payer'))
                                                  WHEN 'string' THEN (t31.v -> 'payer') #>> '{}'
                                                  WHEN 'object' THEN CASE
                                                    WHEN NOT (t31.v -> 'payer') ? 'system'
                                                      AND jsonb_typeof((t31.v -> 'payer') -> 'id') = 'string' THEN (
                                                        t31.v -> 'payer'
                                                      ) ->> 'id'
                                                  END
                                                END
                                              )::uuid
                                            END
                                          END
                                            AND t32."id" = ANY ((SELECT $23::uuid[])::uuid[])
                                        )
                                    ),
                                    '{"payer":null'
                                  )
                                    || coalesce(
                                      (
                                        ',"percent":'
                                          || CASE
                                            WHEN jsonb_typeof((t31.v -> 'percent')) <> 'null' THEN (t31.v -> 'percent')::text
                                          END
                                      ),
                                      ',"percent":null'
                                    )
                                    || '}'
                                ),
                                ','
                                ORDER BY t31.n
                              ),
                              ''
                            )
                            || ']'
                        )
                        FROM jsonb_array_elements(t30."funding") WITH ORDINALITY AS t31 (v, n)
                      )
                  )
                  ELSE '{"funding":null'
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
        SELECT t33.*
        FROM api.contract_line AS t33
        WHERE true
          AND EXISTS (
            SELECT
            FROM api.contract AS t34
            WHERE t34.id = t33.contract_id AND t34."client_id" = ANY ((SELECT $24::uuid[])::uuid[])
          )
        ORDER BY t33."id" ASC
        LIMIT 20
      ) AS t30
    ),
    'UTF8'
  )
