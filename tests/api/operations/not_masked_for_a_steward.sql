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
                    || CASE
                      WHEN t1."cost_rate" IS NOT NULL THEN (
                        ',"costRate":{"amount":"'
                          || trim_scale(t1."cost_rate")::text
                          || '"'
                          || coalesce((',"currency":"' || t1."cost_rate_currency" || '"'), ',"currency":null')
                          || coalesce((',"per":"' || t1."cost_rate_per" || '"'), ',"per":null')
                          || '}'
                      )
                      ELSE ',"costRate":null'
                    END
                    || ',"masked":[]'
                )
                ELSE (
                  coalesce(('{"familyName":' || to_json(t1."family_name")::text), '{"familyName":null')
                    || CASE
                      WHEN t1."cost_rate" IS NOT NULL THEN (
                        ',"costRate":{"amount":"'
                          || trim_scale(t1."cost_rate")::text
                          || '"'
                          || coalesce((',"currency":' || to_json(t1."cost_rate_currency")::text), ',"currency":null')
                          || coalesce((',"per":' || to_json(t1."cost_rate_per")::text), ',"per":null')
                          || '}'
                      )
                      ELSE ',"costRate":null'
                    END
                    || ',"masked":[]'
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
                                ) THEN (
                                  CASE
                                    WHEN t1."cost_rate" IS NOT NULL THEN (
                                      '{"value":{"amount":"'
                                        || trim_scale(t1."cost_rate")::text
                                        || '"'
                                        || coalesce(
                                          (',"currency":' || to_json(t1."cost_rate_currency")::text), ',"currency":null'
                                        )
                                        || coalesce((',"per":' || to_json(t1."cost_rate_per")::text), ',"per":null')
                                        || '}'
                                    )
                                    ELSE '{"value":null'
                                  END
                                    || ',"masked":false}'
                                )
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
                          ('{"values":' || coalesce(t12.values, '{}')::text || ',"masked":[]}'), ',' ORDER BY t12.id
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
                        string_agg(('{"after":' || coalesce(t13.after, '{}')::text || ',"masked":[]}'), ','), ''
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
      SELECT (
        '['
          || coalesce(
            string_agg(
              (
                '{"max":{"costRate":'
                  || (
                    SELECT (
                      '['
                        || coalesce(
                          string_agg((coalesce(('{"amount":"' || t17.amount || '"'), '{"amount":null') || '}'), ','), ''
                        )
                        || ']'
                    )
                    FROM (
                      SELECT trim_scale(max(part."max.cost_rate"))::text AS amount,
                        part."cost_rate_currency",
                        part."cost_rate_per"
                      FROM unnest(t16.parts) AS part (
                        "cost_rate_currency" text, "cost_rate_per" text, "max.cost_rate" numeric
                      )
                      WHERE part."max.cost_rate" IS NOT NULL
                      GROUP BY part."cost_rate_currency", part."cost_rate_per"
                      ORDER BY part."cost_rate_currency", part."cost_rate_per"
                    ) AS t17
                  )
                  || '},"masked":[]}'
              ),
              ','
            ),
            ''
          )
          || ']'
      )
      FROM (
        SELECT t18.*
        FROM (
          SELECT coalesce(sum(part.count), 0)::bigint AS count,
            array_agg(ROW(part."cost_rate_currency", part."cost_rate_per", part."max.cost_rate")) AS parts
          FROM (
            SELECT t19."cost_rate_currency", t19."cost_rate_per", count(*) AS count,
              max(t19."cost_rate") AS "max.cost_rate"
            FROM api.resource AS t19
            WHERE true
            GROUP BY 1, 2
          ) AS part
        ) AS t18
        WHERE true
        LIMIT $1::bigint OFFSET $2::bigint
      ) AS t16
    ),
    'UTF8'
  )
