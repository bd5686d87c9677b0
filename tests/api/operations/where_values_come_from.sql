SELECT convert_to(
  (
    SELECT (
      '{"nodes":['
        || coalesce(
          string_agg(
            (
              '{"provenance":'
                || (
                  SELECT (
                    coalesce(
                      (
                        '{"country":'
                          || (
                            SELECT CASE
                              WHEN t3.entry IS NOT NULL
                                OR EXISTS (
                                  SELECT FROM api.source_record t7 WHERE t7.golden_id = t1.id AND t7.values ? 'country'
                                ) THEN (
                                  coalesce(('{"value":' || to_json(t1."country")::text), '{"value":null')
                                    || coalesce(
                                      (
                                        ',"system":'
                                          || to_json(
                                            coalesce(
                                              t4.system,
                                              CASE
                                                WHEN nullif((t3.entry ->> 1)::bigint, 0) IS NOT NULL THEN 'steward'
                                              END
                                            )
                                          )::text
                                      ),
                                      ',"system":null'
                                    )
                                    || coalesce(
                                      (
                                        ',"observedAt":'
                                          || to_json(
                                            CASE
                                              WHEN t4.id IS NOT NULL THEN coalesce(
                                                t4.since ->> 'country', t4.since ->> '*'
                                              )
                                              ELSE to_char(
                                                t5.made_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'
                                              )
                                            END
                                          )::text
                                      ),
                                      ',"observedAt":null'
                                    )
                                    || coalesce((',"rule":' || to_json((t3.entry ->> 2))::text), ',"rule":null')
                                    || ',"owners":["crm","erp","psa"],"alternates":'
                                    || (
                                      SELECT (
                                        '['
                                          || coalesce(
                                            string_agg(
                                              (
                                                coalesce(
                                                  ('{"value":' || (nullif(t6.values -> 'country', 'null'))::text),
                                                  '{"value":null'
                                                )
                                                  || coalesce(
                                                    (
                                                      ',"kind":'
                                                        || to_json(
                                                          (SELECT y.kind FROM api.system y WHERE y.name = t6.system)
                                                        )::text
                                                    ),
                                                    ',"kind":null'
                                                  )
                                                  || coalesce(
                                                    (
                                                      ',"observedAt":'
                                                        || to_json(coalesce(t6.since ->> 'country', t6.since ->> '*'))::text
                                                    ),
                                                    ',"observedAt":null'
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
                                      WHERE t6.golden_id = t1.id
                                        AND t6.values ? 'country'
                                        AND t6.id IS DISTINCT FROM t4.id
                                    )
                                    || '}'
                                )
                            END
                            FROM (
                              SELECT coalesce(
                                t2.lineage -> 'country', CASE WHEN t1."country" IS NOT NULL THEN t2.lineage -> '*' END
                              ) AS entry OFFSET 0
                            ) AS t3
                            LEFT JOIN api.source_record t4 ON t4.id = (t3.entry ->> 0)::bigint AND t4.golden_id = t1.id
                            LEFT JOIN api.decision t5 ON t5.id = nullif((t3.entry ->> 1)::bigint, 0)
                          )
                      ),
                      '{"country":null'
                    )
                      || coalesce(
                        (
                          ',"accountManager":'
                            || (
                              SELECT CASE
                                WHEN t8.entry IS NOT NULL
                                  OR EXISTS (
                                    SELECT
                                    FROM api.source_record t11
                                    WHERE t11.golden_id = t1.id AND t11.values ? 'account_manager'
                                  ) THEN (
                                    coalesce(('{"value":"' || t1."account_manager_id"::text || '"'), '{"value":null')
                                      || '}'
                                  )
                              END
                              FROM (
                                SELECT coalesce(
                                  t2.lineage -> 'account_manager',
                                  CASE WHEN t1."account_manager_id" IS NOT NULL THEN t2.lineage -> '*' END
                                ) AS entry OFFSET 0
                              ) AS t8
                              LEFT JOIN api.source_record t9 ON t9.id = (t8.entry ->> 0)::bigint
                                AND t9.golden_id = t1.id
                            )
                        ),
                        ',"accountManager":null'
                      )
                      || ',"extra":'
                      || (
                        SELECT (
                          '['
                            || coalesce(
                              string_agg(
                                (
                                  coalesce(('{"name":' || to_json(substr(t12.k, 7))::text), '{"name":null')
                                    || coalesce(
                                      (
                                        ',"provenance":'
                                          || (
                                            SELECT CASE
                                              WHEN t14.entry IS NOT NULL
                                                OR EXISTS (
                                                  SELECT
                                                  FROM api.source_record t18
                                                  WHERE t18.golden_id = t1.id AND t18.values ? t12.k
                                                ) THEN (
                                                  coalesce(
                                                    (
                                                      '{"value":'
                                                        || (nullif(t1.extra -> substr(t12.k, 7), 'null'))::text
                                                    ),
                                                    '{"value":null'
                                                  )
                                                    || coalesce(
                                                      (
                                                        ',"system":'
                                                          || to_json(
                                                            coalesce(
                                                              t15.system,
                                                              CASE
                                                                WHEN nullif((t14.entry ->> 1)::bigint, 0) IS NOT NULL THEN 'steward'
                                                              END
                                                            )
                                                          )::text
                                                      ),
                                                      ',"system":null'
                                                    )
                                                    || ',"alternates":'
                                                    || (
                                                      SELECT (
                                                        '['
                                                          || coalesce(
                                                            string_agg(
                                                              (
                                                                coalesce(
                                                                  (
                                                                    '{"value":'
                                                                      || (nullif(t17.values -> t12.k, 'null'))::text
                                                                  ),
                                                                  '{"value":null'
                                                                )
                                                                  || coalesce(
                                                                    (',"system":' || to_json(t17.system)::text),
                                                                    ',"system":null'
                                                                  )
                                                                  || '}'
                                                              ),
                                                              ','
                                                              ORDER BY t17.id
                                                            ),
                                                            ''
                                                          )
                                                          || ']'
                                                      )
                                                      FROM api.source_record t17
                                                      WHERE t17.golden_id = t1.id
                                                        AND t17.values ? t12.k
                                                        AND t17.id IS DISTINCT FROM t15.id
                                                    )
                                                    || '}'
                                                )
                                            END
                                            FROM (
                                              SELECT coalesce(
                                                t2.lineage -> t12.k,
                                                CASE
                                                  WHEN nullif(t1.extra -> substr(t12.k, 7), 'null') IS NOT NULL THEN t2.lineage -> '*'
                                                END
                                              ) AS entry OFFSET 0
                                            ) AS t14
                                            LEFT JOIN api.source_record t15 ON t15.id = (t14.entry ->> 0)::bigint
                                              AND t15.golden_id = t1.id
                                          )
                                      ),
                                      ',"provenance":null'
                                    )
                                    || '}'
                                ),
                                ','
                                ORDER BY t12.k COLLATE "C"
                              ),
                              ''
                            )
                            || ']'
                        )
                        FROM (
                          SELECT jsonb_object_keys(t2.lineage) AS k
                          UNION SELECT jsonb_object_keys(t13.values)
                          FROM api.source_record t13
                          WHERE t13.golden_id = t1.id
                        ) AS t12
                        WHERE starts_with(t12.k, 'extra.')
                          AND (
                            coalesce(
                              t2.lineage -> t12.k,
                              CASE
                                WHEN nullif(t1.extra -> substr(t12.k, 7), 'null') IS NOT NULL THEN t2.lineage -> '*'
                              END
                            ) IS NOT NULL
                              OR EXISTS (
                                SELECT FROM api.source_record t19 WHERE t19.golden_id = t1.id AND t19.values ? t12.k
                              )
                          )
                      )
                      || '}'
                  )
                  FROM (
                    SELECT coalesce(
                      (SELECT t20.lineage FROM api.client_version t20 WHERE t20.id = t1.id AND t20.version = t1.version),
                      '{}'
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
                            coalesce(('{"system":' || to_json(t21.system)::text), '{"system":null')
                              || coalesce(
                                (
                                  ',"kind":'
                                    || to_json((SELECT y.kind FROM api.system y WHERE y.name = t21.system))::text
                                ),
                                ',"kind":null'
                              )
                              || coalesce((',"object":' || to_json(t21.object)::text), ',"object":null')
                              || coalesce((',"externalId":' || to_json(t21.external_id)::text), ',"externalId":null')
                              || coalesce(
                                (
                                  ',"deepLink":'
                                    || to_json(
                                      replace(
                                        nullif(
                                          (
                                            SELECT y.deep_links ->> t21.object
                                            FROM api.system y
                                            WHERE y.name = t21.system
                                          ),
                                          ''
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
                                            FROM regexp_split_to_table(t21.external_id, '') WITH ORDINALITY AS letters (
                                              c, n
                                            )
                                          ),
                                          ''
                                        )
                                      )
                                    )::text
                                ),
                                ',"deepLink":null'
                              )
                              || coalesce((',"state":' || to_json(t21.state)::text), ',"state":null')
                              || ',"values":'
                              || coalesce(t21.values, '{}')::text
                              || ',"held":'
                              || coalesce(t21.held, '{}')::text
                              || coalesce(
                                (
                                  ',"firstSeenAt":"'
                                    || to_char(t21.first_seen_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
                                    || '"'
                                ),
                                ',"firstSeenAt":null'
                              )
                              || ',"masked":[]}'
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
                )
                || ',"history":'
                || (
                  SELECT (
                    '{"totalCount":'
                      || (SELECT count(*) FROM api.change AS t23 WHERE t23.golden_id = t1.id)::text
                      || ',"nodes":['
                      || coalesce(
                        string_agg(
                          (
                            '{"version":'
                              || t22.version::text
                              || coalesce((',"op":' || to_json(t22.op)::text), ',"op":null')
                              || ',"fields":'
                              || (
                                SELECT (
                                  '['
                                    || coalesce(
                                      string_agg(
                                        (
                                          coalesce(
                                            (
                                              '{"field":'
                                                || to_json(
                                                  (
                                                    SELECT string_agg(
                                                      CASE WHEN i = 1 THEN w ELSE upper(left(w, 1)) || substr(w, 2) END,
                                                      ''
                                                      ORDER BY i
                                                    )
                                                    FROM unnest(string_to_array(t24.k, '_')) WITH ORDINALITY AS words (
                                                      w, i
                                                    )
                                                  )
                                                )::text
                                            ),
                                            '{"field":null'
                                          )
                                            || coalesce(
                                              (',"before":' || (nullif(t22.before -> t24.k, 'null'))::text),
                                              ',"before":null'
                                            )
                                            || coalesce(
                                              (',"after":' || (nullif(t22.after -> t24.k, 'null'))::text),
                                              ',"after":null'
                                            )
                                            || '}'
                                        ),
                                        ','
                                        ORDER BY t24.k COLLATE "C"
                                      ),
                                      ''
                                    )
                                    || ']'
                                )
                                FROM (
                                  SELECT jsonb_object_keys(t22.before) AS k UNION SELECT jsonb_object_keys(t22.after)
                                ) AS t24
                              )
                              || coalesce(
                                (
                                  ',"record":'
                                    || (
                                      SELECT ('{"version":' || t25.version::text || '}') AS o
                                      FROM api.client AS t25
                                      WHERE t25.id = t22.golden_id
                                    )
                                ),
                                ',"record":null'
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
                    SELECT t26.* FROM api.change AS t26 WHERE t26.golden_id = t1.id ORDER BY t26."version" DESC LIMIT 20
                  ) AS t22
                )
                || '}'
            ),
            ','
          ),
          ''
        )
        || ']}'
    )
    FROM (SELECT t27.* FROM api.client AS t27 WHERE t27."extra" @> $1::jsonb ORDER BY t27."id" ASC LIMIT 20) AS t1
  ),
  'UTF8'
)
