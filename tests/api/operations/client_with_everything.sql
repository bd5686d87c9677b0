SELECT convert_to(r.o, 'UTF8')
FROM (
  SELECT (
    CASE
      WHEN t1.plain_version = t1.version THEN (
        '{"__typename":"Client","id":"'
          || t1.id::text
          || '","version":'
          || t1.version::text
          || ',"recordState":"'
          || t1.record_state
          || '"'
          || coalesce((',"name":"' || t1."name" || '"'), ',"name":null')
          || coalesce((',"legalName":"' || t1."legal_name" || '"'), ',"legalName":null')
          || coalesce((',"country":"' || t1."country" || '"'), ',"country":null')
          || ',"extra":'
          || coalesce(t1.extra::text, '{}')
          || ',"masked":[]'
      )
      ELSE (
        '{"__typename":"Client","id":"'
          || t1.id::text
          || '","version":'
          || t1.version::text
          || ',"recordState":"'
          || t1.record_state
          || '"'
          || coalesce((',"name":' || to_json(t1."name")::text), ',"name":null')
          || coalesce((',"legalName":' || to_json(t1."legal_name")::text), ',"legalName":null')
          || coalesce((',"country":' || to_json(t1."country")::text), ',"country":null')
          || ',"extra":'
          || coalesce(t1.extra::text, '{}')
          || ',"masked":[]'
      )
    END
      || ',"provenance":'
      || (
        SELECT (
          coalesce(
            (
              '{"name":'
                || (
                  SELECT CASE
                    WHEN t3.entry IS NOT NULL
                      OR EXISTS (SELECT FROM api.source_record t7 WHERE t7.golden_id = t1.id AND t7.values ? 'name') THEN (
                        coalesce(('{"value":' || to_json(t1."name")::text), '{"value":null')
                          || coalesce(
                            (
                              ',"system":'
                                || to_json(
                                  coalesce(
                                    t4.system,
                                    CASE WHEN nullif((t3.entry ->> 1)::bigint, 0) IS NOT NULL THEN 'steward' END
                                  )
                                )::text
                            ),
                            ',"system":null'
                          )
                          || coalesce((',"object":' || to_json(t4.object)::text), ',"object":null')
                          || coalesce((',"externalId":' || to_json(t4.external_id)::text), ',"externalId":null')
                          || coalesce(
                            (
                              ',"observedAt":'
                                || to_json(
                                  CASE
                                    WHEN t4.id IS NOT NULL THEN coalesce(t4.since ->> 'name', t4.since ->> '*')
                                    ELSE to_char(t5.made_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
                                  END
                                )::text
                            ),
                            ',"observedAt":null'
                          )
                          || coalesce((',"rule":' || to_json((t3.entry ->> 2))::text), ',"rule":null')
                          || ',"owner":"crm","owners":["crm","erp","psa","bill"],"provisional":'
                          || coalesce(t3.entry ->> 3, 'false')
                          || ',"masked":false'
                          || CASE
                            WHEN t5.id IS NOT NULL THEN (
                              ',"decision":' || coalesce(('{"id":' || to_json(t5.id::text)::text), '{"id":null') || '}'
                            )
                            ELSE ',"decision":null'
                          END
                          || ',"alternates":'
                          || (
                            SELECT (
                              '['
                                || coalesce(
                                  string_agg(
                                    (
                                      coalesce(
                                        ('{"value":' || (nullif(t6.values -> 'name', 'null'))::text), '{"value":null'
                                      )
                                        || coalesce((',"system":' || to_json(t6.system)::text), ',"system":null')
                                        || coalesce(
                                          (',"externalId":' || to_json(t6.external_id)::text), ',"externalId":null'
                                        )
                                        || '}'
                                    ),
                                    ','
                                    ORDER BY t6.id
                                  ),
                                  ''
                                )
                                || ']'
                            )
                            FROM api.source_record t6
                            WHERE t6.golden_id = t1.id AND t6.values ? 'name' AND t6.id IS DISTINCT FROM t4.id
                          )
                          || '}'
                      )
                  END
                  FROM (
                    SELECT coalesce(t2.lineage -> 'name', CASE WHEN t1."name" IS NOT NULL THEN t2.lineage -> '*' END) AS entry OFFSET 0
                  ) AS t3
                  LEFT JOIN api.source_record t4 ON t4.id = (t3.entry ->> 0)::bigint AND t4.golden_id = t1.id
                  LEFT JOIN api.decision t5 ON t5.id = nullif((t3.entry ->> 1)::bigint, 0)
                )
            ),
            '{"name":null'
          )
            || coalesce(
              (
                ',"legalName":'
                  || (
                    SELECT CASE
                      WHEN t8.entry IS NOT NULL
                        OR EXISTS (
                          SELECT FROM api.source_record t11 WHERE t11.golden_id = t1.id AND t11.values ? 'legal_name'
                        ) THEN (
                          coalesce(('{"value":' || to_json(t1."legal_name")::text), '{"value":null')
                            || coalesce(
                              (
                                ',"system":'
                                  || to_json(
                                    coalesce(
                                      t9.system,
                                      CASE WHEN nullif((t8.entry ->> 1)::bigint, 0) IS NOT NULL THEN 'steward' END
                                    )
                                  )::text
                              ),
                              ',"system":null'
                            )
                            || coalesce((',"rule":' || to_json((t8.entry ->> 2))::text), ',"rule":null')
                            || ',"owner":"erp"}'
                        )
                    END
                    FROM (
                      SELECT coalesce(
                        t2.lineage -> 'legal_name', CASE WHEN t1."legal_name" IS NOT NULL THEN t2.lineage -> '*' END
                      ) AS entry OFFSET 0
                    ) AS t8
                    LEFT JOIN api.source_record t9 ON t9.id = (t8.entry ->> 0)::bigint AND t9.golden_id = t1.id
                  )
              ),
              ',"legalName":null'
            )
            || coalesce(
              (
                ',"duns":'
                  || (
                    SELECT CASE
                      WHEN t12.entry IS NOT NULL
                        OR EXISTS (SELECT FROM api.source_record t15 WHERE t15.golden_id = t1.id AND t15.values ? 'duns') THEN (
                          coalesce(('{"value":' || to_json(t1."duns")::text), '{"value":null') || '}'
                        )
                    END
                    FROM (
                      SELECT coalesce(t2.lineage -> 'duns', CASE WHEN t1."duns" IS NOT NULL THEN t2.lineage -> '*' END) AS entry OFFSET 0
                    ) AS t12
                    LEFT JOIN api.source_record t13 ON t13.id = (t12.entry ->> 0)::bigint AND t13.golden_id = t1.id
                  )
              ),
              ',"duns":null'
            )
            || ',"extra":'
            || (
              SELECT (
                '['
                  || coalesce(
                    string_agg(
                      (
                        coalesce(('{"name":' || to_json(substr(t16.k, 7))::text), '{"name":null')
                          || coalesce(
                            (
                              ',"provenance":'
                                || (
                                  SELECT CASE
                                    WHEN t18.entry IS NOT NULL
                                      OR EXISTS (
                                        SELECT
                                        FROM api.source_record t22
                                        WHERE t22.golden_id = t1.id AND t22.values ? t16.k
                                      ) THEN (
                                        coalesce(
                                          ('{"value":' || (nullif(t1.extra -> substr(t16.k, 7), 'null'))::text),
                                          '{"value":null'
                                        )
                                          || coalesce(
                                            (
                                              ',"system":'
                                                || to_json(
                                                  coalesce(
                                                    t19.system,
                                                    CASE
                                                      WHEN nullif((t18.entry ->> 1)::bigint, 0) IS NOT NULL THEN 'steward'
                                                    END
                                                  )
                                                )::text
                                            ),
                                            ',"system":null'
                                          )
                                          || coalesce((',"rule":' || to_json((t18.entry ->> 2))::text), ',"rule":null')
                                          || ',"alternates":'
                                          || (
                                            SELECT (
                                              '['
                                                || coalesce(
                                                  string_agg(
                                                    (
                                                      coalesce(
                                                        ('{"value":' || (nullif(t21.values -> t16.k, 'null'))::text),
                                                        '{"value":null'
                                                      )
                                                        || coalesce(
                                                          (',"system":' || to_json(t21.system)::text), ',"system":null'
                                                        )
                                                        || '}'
                                                    ),
                                                    ','
                                                    ORDER BY t21.id
                                                  ),
                                                  ''
                                                )
                                                || ']'
                                            )
                                            FROM api.source_record t21
                                            WHERE t21.golden_id = t1.id
                                              AND t21.values ? t16.k
                                              AND t21.id IS DISTINCT FROM t19.id
                                          )
                                          || '}'
                                      )
                                  END
                                  FROM (
                                    SELECT coalesce(
                                      t2.lineage -> t16.k,
                                      CASE
                                        WHEN nullif(t1.extra -> substr(t16.k, 7), 'null') IS NOT NULL THEN t2.lineage -> '*'
                                      END
                                    ) AS entry OFFSET 0
                                  ) AS t18
                                  LEFT JOIN api.source_record t19 ON t19.id = (t18.entry ->> 0)::bigint
                                    AND t19.golden_id = t1.id
                                )
                            ),
                            ',"provenance":null'
                          )
                          || '}'
                      ),
                      ','
                      ORDER BY t16.k COLLATE "C"
                    ),
                    ''
                  )
                  || ']'
              )
              FROM (
                SELECT jsonb_object_keys(t2.lineage) AS k
                UNION SELECT jsonb_object_keys(t17.values)
                FROM api.source_record t17
                WHERE t17.golden_id = t1.id
              ) AS t16
              WHERE starts_with(t16.k, 'extra.')
                AND (
                  coalesce(
                    t2.lineage -> t16.k,
                    CASE WHEN nullif(t1.extra -> substr(t16.k, 7), 'null') IS NOT NULL THEN t2.lineage -> '*' END
                  ) IS NOT NULL
                    OR EXISTS (SELECT FROM api.source_record t23 WHERE t23.golden_id = t1.id AND t23.values ? t16.k)
                )
            )
            || '}'
        )
        FROM (
          SELECT coalesce(
            (SELECT t24.lineage FROM api.client_version t24 WHERE t24.id = t1.id AND t24.version = t1.version), '{}'
          ) AS lineage OFFSET 0
        ) AS t2
      )
      || ',"sources":'
      || (
        SELECT (
          '['
            || coalesce(
              string_agg(
                (
                  coalesce(('{"system":' || to_json(t25.system)::text), '{"system":null')
                    || coalesce(
                      (',"kind":' || to_json((SELECT y.kind FROM api.system y WHERE y.name = t25.system))::text),
                      ',"kind":null'
                    )
                    || coalesce((',"object":' || to_json(t25.object)::text), ',"object":null')
                    || coalesce((',"externalId":' || to_json(t25.external_id)::text), ',"externalId":null')
                    || coalesce(
                      (
                        ',"deepLink":'
                          || to_json(
                            replace(
                              nullif(
                                (SELECT y.deep_links ->> t25.object FROM api.system y WHERE y.name = t25.system), ''
                              ),
                              '{id}',
                              coalesce(
                                (
                                  SELECT string_agg(
                                    CASE
                                      WHEN c ~ '^[A-Za-z0-9_.~-]$' THEN c
                                      ELSE regexp_replace(
                                        upper(encode(convert_to(c, 'UTF8'), 'hex')), '(..)', '%\1', 'g'
                                      )
                                    END,
                                    ''
                                    ORDER BY n
                                  )
                                  FROM regexp_split_to_table(t25.external_id, '') WITH ORDINALITY AS letters (c, n)
                                ),
                                ''
                              )
                            )
                          )::text
                      ),
                      ',"deepLink":null'
                    )
                    || coalesce((',"part":' || to_json(t25.part)::text), ',"part":null')
                    || coalesce((',"state":' || to_json(t25.state)::text), ',"state":null')
                    || coalesce((',"role":' || to_json(t25.role)::text), ',"role":null')
                    || ',"values":'
                    || coalesce(t25.values, '{}')::text
                    || '}'
                ),
                ','
                ORDER BY t25.id
              ),
              ''
            )
            || ']'
        )
        FROM api.source_record t25
        WHERE t25.golden_id = t1.id
      )
      || ',"contacts":'
      || (
        SELECT (
          '{"totalCount":'
            || (SELECT count(*) FROM api.contact AS t27 WHERE t27.client_id = t1.id)::text
            || ',"nodes":['
            || coalesce(
              string_agg(
                (
                  CASE
                    WHEN t26.plain_version = t26.version THEN (
                      coalesce(('{"givenName":"' || t26."given_name" || '"'), '{"givenName":null')
                        || coalesce((',"familyName":"' || t26."family_name" || '"'), ',"familyName":null')
                    )
                    ELSE (
                      coalesce(('{"givenName":' || to_json(t26."given_name")::text), '{"givenName":null')
                        || coalesce((',"familyName":' || to_json(t26."family_name")::text), ',"familyName":null')
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
        FROM (SELECT t28.* FROM api.contact AS t28 WHERE t28.client_id = t1.id ORDER BY t28."id" ASC LIMIT 20) AS t26
      )
      || ',"contracts":'
      || (
        SELECT (
          '{"edges":['
            || coalesce(
              string_agg(
                (
                  '{"node":'
                    || CASE
                      WHEN t29.plain_version = t29.version THEN (
                        coalesce(('{"contractNo":"' || t29."contract_no" || '"'), '{"contractNo":null')
                          || CASE
                            WHEN t29."total_value" IS NOT NULL THEN (
                              ',"totalValue":{"amount":"'
                                || t29."total_value"::text
                                || '"'
                                || coalesce((',"currency":"' || t29."total_value_currency" || '"'), ',"currency":null')
                                || '}'
                            )
                            ELSE ',"totalValue":null'
                          END
                          || coalesce((',"startDate":"' || t29."start_date"::text || '"'), ',"startDate":null')
                      )
                      ELSE (
                        coalesce(('{"contractNo":' || to_json(t29."contract_no")::text), '{"contractNo":null')
                          || CASE
                            WHEN t29."total_value" IS NOT NULL THEN (
                              ',"totalValue":{"amount":"'
                                || t29."total_value"::text
                                || '"'
                                || coalesce(
                                  (',"currency":' || to_json(t29."total_value_currency")::text), ',"currency":null'
                                )
                                || '}'
                            )
                            ELSE ',"totalValue":null'
                          END
                          || coalesce((',"startDate":"' || t29."start_date"::text || '"'), ',"startDate":null')
                      )
                    END
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
          SELECT t30.*
          FROM api.contract AS t30
          WHERE t30.client_id = t1.id
          ORDER BY t30."contract_no" ASC, t30."id" ASC
          LIMIT 20
        ) AS t29
      )
      || ',"projects":'
      || (
        SELECT (
          '{"nodes":['
            || coalesce(
              string_agg(
                (
                  CASE
                    WHEN t31.plain_version = t31.version THEN (
                      coalesce(('{"code":"' || t31."code" || '"'), '{"code":null')
                        || coalesce((',"name":"' || t31."name" || '"'), ',"name":null')
                    )
                    ELSE (
                      coalesce(('{"code":' || to_json(t31."code")::text), '{"code":null')
                        || coalesce((',"name":' || to_json(t31."name")::text), ',"name":null')
                    )
                  END
                    || coalesce(
                      (
                        ',"contract":'
                          || (
                            SELECT (
                              CASE
                                WHEN t32.plain_version = t32.version THEN coalesce(
                                  ('{"contractNo":"' || t32."contract_no" || '"'), '{"contractNo":null'
                                )
                                ELSE coalesce(
                                  ('{"contractNo":' || to_json(t32."contract_no")::text), '{"contractNo":null'
                                )
                              END
                                || coalesce(
                                  (
                                    ',"client":'
                                      || (
                                        SELECT (
                                          CASE
                                            WHEN t33.plain_version = t33.version THEN coalesce(
                                              ('{"name":"' || t33."name" || '"'), '{"name":null'
                                            )
                                            ELSE coalesce(('{"name":' || to_json(t33."name")::text), '{"name":null')
                                          END
                                            || '}'
                                        ) AS o
                                        FROM api.client AS t33
                                        WHERE t33.id = t32.client_id
                                      )
                                  ),
                                  ',"client":null'
                                )
                                || '}'
                            ) AS o
                            FROM api.contract AS t32
                            WHERE t32.id = t31.contract_id
                          )
                      ),
                      ',"contract":null'
                    )
                    || coalesce(
                      (
                        ',"manager":'
                          || (
                            SELECT (
                              CASE
                                WHEN t34.plain_version = t34.version THEN (
                                  coalesce(('{"familyName":"' || t34."family_name" || '"'), '{"familyName":null')
                                    || ',"costRate":null,"masked":["costRate"]'
                                )
                                ELSE (
                                  coalesce(('{"familyName":' || to_json(t34."family_name")::text), '{"familyName":null')
                                    || ',"costRate":null,"masked":["costRate"]'
                                )
                              END
                                || '}'
                            ) AS o
                            FROM api.resource AS t34
                            WHERE t34.id = t31.manager_id
                          )
                      ),
                      ',"manager":null'
                    )
                    || ',"timeEntries":'
                    || (
                      SELECT (
                        '{"totalCount":'
                          || (SELECT count(*) FROM api.time_entry AS t36 WHERE t36.project_id = t31.id)::text
                          || ',"nodes":['
                          || coalesce(
                            string_agg(
                              (
                                CASE
                                  WHEN t35.plain_version = t35.version THEN (
                                    coalesce(('{"workDate":"' || t35."work_date"::text || '"'), '{"workDate":null')
                                      || CASE
                                        WHEN t35."quantity" IS NOT NULL THEN (
                                          ',"quantity":{"value":"'
                                            || trim_scale(t35."quantity")::text
                                            || '"'
                                            || coalesce((',"unit":"' || t35."quantity_unit" || '"'), ',"unit":null')
                                            || coalesce(
                                              (',"stated":"' || t35."quantity_stated" || '"'), ',"stated":null'
                                            )
                                            || '}'
                                        )
                                        ELSE ',"quantity":null'
                                      END
                                      || coalesce((',"billable":' || t35."billable"::text), ',"billable":null')
                                  )
                                  ELSE (
                                    coalesce(('{"workDate":"' || t35."work_date"::text || '"'), '{"workDate":null')
                                      || CASE
                                        WHEN t35."quantity" IS NOT NULL THEN (
                                          ',"quantity":{"value":"'
                                            || trim_scale(t35."quantity")::text
                                            || '"'
                                            || coalesce(
                                              (',"unit":' || to_json(t35."quantity_unit")::text), ',"unit":null'
                                            )
                                            || coalesce(
                                              (',"stated":' || to_json(t35."quantity_stated")::text), ',"stated":null'
                                            )
                                            || '}'
                                        )
                                        ELSE ',"quantity":null'
                                      END
                                      || coalesce((',"billable":' || t35."billable"::text), ',"billable":null')
                                  )
                                END
                                  || coalesce(
                                    (
                                      ',"resource":'
                                        || (
                                          SELECT ('{"id":"' || t37.id::text || '"}') AS o
                                          FROM api.resource AS t37
                                          WHERE t37.id = t35.resource_id
                                        )
                                    ),
                                    ',"resource":null'
                                  )
                                  || '}'
                              ),
                              ','
                            ) FILTER (WHERE t35.rn_ <= 5),
                            ''
                          )
                          || '],"pageInfo":{"hasNextPage":'
                          || (count(*) > 5)::text
                          || ',"hasPreviousPage":false}}'
                      )
                      FROM (
                        SELECT t39.*, row_number() OVER () AS rn_, count(*) OVER () AS total_
                        FROM (
                          SELECT t38.*
                          FROM api.time_entry AS t38
                          WHERE t38.project_id = t31.id
                          ORDER BY t38."work_date" DESC NULLS LAST, t38."id" ASC
                          LIMIT 6
                        ) AS t39
                      ) AS t35
                    )
                    || '}'
                ),
                ','
              ),
              ''
            )
            || ']}'
        )
        FROM (SELECT t40.* FROM api.project AS t40 WHERE t40.client_id = t1.id ORDER BY t40."id" ASC LIMIT 20) AS t31
      )
      || '}'
  ) AS o
  FROM api.client AS t1
  WHERE t1.id = CASE
    WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
  END
) AS r
