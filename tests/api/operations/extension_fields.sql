SELECT convert_to(
  coalesce(
    (
      SELECT (
        '{"extra":'
          || coalesce(t1.extra::text, '{}')
          || ',"provenance":'
          || (
            SELECT (
              '{"extra":'
                || (
                  SELECT (
                    '['
                      || coalesce(
                        string_agg(
                          (
                            coalesce(('{"name":' || to_json(substr(t3.k, 7))::text), '{"name":null')
                              || coalesce(
                                (
                                  ',"provenance":'
                                    || (
                                      SELECT CASE
                                        WHEN t5.entry IS NOT NULL
                                          OR EXISTS (
                                            SELECT
                                            FROM api.source_record t8
                                            WHERE t8.golden_id = t1.id AND t8.values ? t3.k
                                          ) THEN (
                                            coalesce(
                                              ('{"value":' || (nullif(t1.extra -> substr(t3.k, 7), 'null'))::text),
                                              '{"value":null'
                                            )
                                              || coalesce(
                                                (',"rule":' || to_json((t5.entry ->> 2))::text), ',"rule":null'
                                              )
                                              || '}'
                                          )
                                      END
                                      FROM (
                                        SELECT coalesce(
                                          t2.lineage -> t3.k,
                                          CASE
                                            WHEN nullif(t1.extra -> substr(t3.k, 7), 'null') IS NOT NULL THEN t2.lineage -> '*'
                                          END
                                        ) AS entry OFFSET 0
                                      ) AS t5
                                      LEFT JOIN api.source_record t6 ON t6.id = (t5.entry ->> 0)::bigint
                                        AND t6.golden_id = t1.id
                                    )
                                ),
                                ',"provenance":null'
                              )
                              || '}'
                          ),
                          ','
                          ORDER BY t3.k COLLATE "C"
                        ),
                        ''
                      )
                      || ']'
                  )
                  FROM (
                    SELECT jsonb_object_keys(t2.lineage) AS k
                    UNION SELECT jsonb_object_keys(t4.values)
                    FROM api.source_record t4
                    WHERE t4.golden_id = t1.id
                  ) AS t3
                  WHERE starts_with(t3.k, 'extra.')
                    AND (
                      coalesce(
                        t2.lineage -> t3.k,
                        CASE WHEN nullif(t1.extra -> substr(t3.k, 7), 'null') IS NOT NULL THEN t2.lineage -> '*' END
                      ) IS NOT NULL
                        OR EXISTS (SELECT FROM api.source_record t9 WHERE t9.golden_id = t1.id AND t9.values ? t3.k)
                    )
                )
                || '}'
            )
            FROM (
              SELECT coalesce(
                (SELECT t10.lineage FROM api.client_version t10 WHERE t10.id = t1.id AND t10.version = t1.version), '{}'
              ) AS lineage OFFSET 0
            ) AS t2
          )
          || '}'
      ) AS o
      FROM api.client AS t1
      WHERE t1.id = CASE
        WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
      END
    ),
    'null'
  ),
  'UTF8'
),
  convert_to(
    (
      SELECT (
        '{"nodes":[' || coalesce(string_agg(('{"extra":' || coalesce(t11.extra::text, '{}') || '}'), ','), '') || ']}'
      )
      FROM (SELECT t12.* FROM api.client AS t12 WHERE true ORDER BY t12."name" ASC, t12."id" ASC LIMIT 20) AS t11
    ),
    'UTF8'
  )
