SELECT convert_to(
  (
    SELECT (
      '{"nodes":['
        || coalesce(
          string_agg(
            (
              CASE
                WHEN t1.plain_version = t1.version THEN (
                  coalesce(('{"familyName":"' || t1."family_name" || '"'), '{"familyName":null')
                    || ',"costRate":null,"masked":["costRate"]'
                )
                ELSE (
                  coalesce(('{"familyName":' || to_json(t1."family_name")::text), '{"familyName":null')
                    || ',"costRate":null,"masked":["costRate"]'
                )
              END
                || ',"provenance":'
                || (
                  SELECT (
                    coalesce(
                      (
                        '{"costRate":'
                          || (
                            SELECT CASE
                              WHEN t3.entry IS NOT NULL
                                OR EXISTS (
                                  SELECT
                                  FROM api.source_record t6
                                  WHERE t6.golden_id = t1.id AND t6.values ? 'cost_rate'
                                ) THEN '{"value":null,"masked":true}'::text
                            END
                            FROM (
                              SELECT coalesce(
                                t2.lineage -> 'cost_rate',
                                CASE WHEN t1."cost_rate" IS NOT NULL THEN t2.lineage -> '*' END
                              ) AS entry OFFSET 0
                            ) AS t3
                            LEFT JOIN api.source_record t4 ON t4.id = (t3.entry ->> 0)::bigint AND t4.golden_id = t1.id
                          )
                      ),
                      '{"costRate":null'
                    )
                      || coalesce(
                        (
                          ',"familyName":'
                            || (
                              SELECT CASE
                                WHEN t7.entry IS NOT NULL
                                  OR EXISTS (
                                    SELECT
                                    FROM api.source_record t10
                                    WHERE t10.golden_id = t1.id AND t10.values ? 'family_name'
                                  ) THEN '{"masked":false}'::text
                              END
                              FROM (
                                SELECT coalesce(
                                  t2.lineage -> 'family_name',
                                  CASE WHEN t1."family_name" IS NOT NULL THEN t2.lineage -> '*' END
                                ) AS entry OFFSET 0
                              ) AS t7
                              LEFT JOIN api.source_record t8 ON t8.id = (t7.entry ->> 0)::bigint
                                AND t8.golden_id = t1.id
                            )
                        ),
                        ',"familyName":null'
                      )
                      || '}'
                  )
                  FROM (
                    SELECT coalesce(
                      (
                        SELECT t11.lineage
                        FROM api.resource_version t11
                        WHERE t11.id = t1.id AND t11.version = t1.version
                      ),
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
                            '{"values":'
                              || (
                                coalesce(t12.values, '{}')
                                  || coalesce(
                                    (
                                      SELECT jsonb_object_agg(m, NULL)
                                      FROM unnest(ARRAY['cost_rate']::text[]) AS m
                                      WHERE t12.values ? m
                                    ),
                                    '{}'
                                  )
                              )::text
                              || ',"masked":'
                              || (
                                SELECT ('[' || coalesce(string_agg(to_json(m.word)::text, ',' ORDER BY m.n), '') || ']')
                                FROM unnest(ARRAY['cost_rate']::text[], ARRAY['costRate']::text[]) WITH ORDINALITY AS m (
                                  name, word, n
                                )
                                WHERE t12.values ? m.name OR t12.held ? m.name
                              )
                              || '}'
                          ),
                          ','
                          ORDER BY t12.id
                        ),
                        ''
                      )
                      || ']'
                  )
                  FROM api.source_record t12
                  WHERE t12.golden_id = t1.id
                )
                || ',"history":'
                || (
                  SELECT (
                    '{"nodes":['
                      || coalesce(
                        string_agg(
                          (
                            '{"after":'
                              || (
                                coalesce(t13.after, '{}')
                                  || coalesce(
                                    (
                                      SELECT jsonb_object_agg(m, NULL)
                                      FROM unnest(ARRAY['cost_rate']::text[]) AS m
                                      WHERE t13.after ? m
                                    ),
                                    '{}'
                                  )
                              )::text
                              || ',"masked":'
                              || (
                                SELECT ('[' || coalesce(string_agg(to_json(m.word)::text, ',' ORDER BY m.n), '') || ']')
                                FROM unnest(ARRAY['cost_rate']::text[], ARRAY['costRate']::text[]) WITH ORDINALITY AS m (
                                  name, word, n
                                )
                                WHERE t13.before ? m.name OR t13.after ? m.name
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
                    SELECT t14.* FROM api.change AS t14 WHERE t14.golden_id = t1.id ORDER BY t14."version" DESC LIMIT 20
                  ) AS t13
                )
                || '}'
            ),
            ','
          ),
          ''
        )
        || ']}'
    )
    FROM (SELECT t15.* FROM api.resource AS t15 WHERE true ORDER BY t15."id" ASC LIMIT 20) AS t1
  ),
  'UTF8'
),
  convert_to(
    (
      SELECT ('[' || coalesce(string_agg('{"max":{"costRate":null},"masked":["costRate"]}'::text, ','), '') || ']')
      FROM (
        SELECT t17.*
        FROM (SELECT count(*) AS count FROM api.resource AS t18 WHERE true) AS t17
        WHERE true
        LIMIT $1::bigint OFFSET $2::bigint
      ) AS t16
    ),
    'UTF8'
  )
