SELECT convert_to('"Query"'::text, 'UTF8'),
  convert_to(
    coalesce(
      (
        SELECT (
          '{"__typename":"Client","provenance":'
            || (
              SELECT (
                '{"__typename":"ClientProvenance"'
                  || coalesce(
                    (
                      ',"name":'
                        || (
                          SELECT CASE
                            WHEN t3.entry IS NOT NULL
                              OR EXISTS (
                                SELECT FROM api.source_record t7 WHERE t7.golden_id = t1.id AND t7.values ? 'name'
                              ) THEN (
                                '{"__typename":"FieldProvenance","alternates":'
                                  || (
                                    SELECT (
                                      '['
                                        || coalesce(
                                          string_agg('{"__typename":"Alternate"}'::text, ',' ORDER BY t6.id), ''
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
                            SELECT coalesce(
                              t2.lineage -> 'name', CASE WHEN t1."name" IS NOT NULL THEN t2.lineage -> '*' END
                            ) AS entry OFFSET 0
                          ) AS t3
                          LEFT JOIN api.source_record t4 ON t4.id = (t3.entry ->> 0)::bigint AND t4.golden_id = t1.id
                        )
                    ),
                    ',"name":null'
                  )
                  || '}'
              )
              FROM (
                SELECT coalesce(
                  (SELECT t8.lineage FROM api.client_version t8 WHERE t8.id = t1.id AND t8.version = t1.version), '{}'
                ) AS lineage OFFSET 0
              ) AS t2
            )
            || ',"sources":'
            || (
              SELECT ('[' || coalesce(string_agg('{"__typename":"SourceRecord"}'::text, ',' ORDER BY t9.id), '') || ']')
              FROM api.source_record t9
              WHERE t9.golden_id = t1.id
            )
            || ',"history":'
            || (
              SELECT (
                '{"__typename":"ChangeConnection","nodes":['
                  || coalesce(
                    string_agg(
                      (
                        '{"__typename":"Change","fields":'
                          || (
                            SELECT (
                              '['
                                || coalesce(
                                  string_agg('{"__typename":"FieldChange"}'::text, ',' ORDER BY t11.k COLLATE "C"), ''
                                )
                                || ']'
                            )
                            FROM (SELECT jsonb_object_keys(t10.before) AS k UNION SELECT jsonb_object_keys(t10.after)) AS t11
                          )
                          || '}'
                      ),
                      ','
                    ),
                    ''
                  )
                  || ']}'
              )
              FROM (SELECT t12.* FROM api.change AS t12 WHERE t12.golden_id = t1.id ORDER BY t12."version" DESC LIMIT 20) AS t10
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
        '{"__typename":"ContractConnection","edges":['
          || coalesce(
            string_agg(
              (
                '{"__typename":"ContractEdge","node":'
                  || '{"__typename":"Contract"'
                  || CASE
                    WHEN t13."total_value" IS NOT NULL THEN ',"totalValue":{"__typename":"Money"}'::text
                    ELSE ',"totalValue":null'
                  END
                  || '}'
                  || '}'
              ),
              ','
            ),
            ''
          )
          || '],"pageInfo":{"__typename":"PageInfo"}}'
      )
      FROM (SELECT t14.* FROM api.contract AS t14 WHERE true ORDER BY t14."id" ASC LIMIT 1) AS t13
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
                '{"__typename":"TimeEntryGroup","key":{"__typename":"TimeEntryGroupKey","projectKey":null},"sum":{"__typename":"TimeEntryGroupSum","quantity":'
                  || (
                    SELECT ('[' || coalesce(string_agg('{"__typename":"Quantity"}'::text, ','), '') || ']')
                    FROM (
                      SELECT trim_scale(sum(part."sum.quantity"))::text AS amount, part."quantity_unit"
                      FROM unnest(t15.parts) AS part ("quantity_unit" text, "sum.quantity" numeric)
                      WHERE part."sum.quantity" IS NOT NULL
                      GROUP BY part."quantity_unit"
                      ORDER BY part."quantity_unit"
                    ) AS t16
                  )
                  || '},"countDistinct":{"__typename":"TimeEntryGroupCountDistinct"}}'
              ),
              ','
            ),
            ''
          )
          || ']'
      )
      FROM (
        SELECT t17.*
        FROM (
          SELECT coalesce(sum(part.count), 0)::bigint AS count,
            array_agg(ROW(part."quantity_unit", part."sum.quantity")) AS parts
          FROM (
            SELECT t18."quantity_unit", count(*) AS count, sum(t18."quantity") AS "sum.quantity"
            FROM api.time_entry AS t18
            WHERE true
            GROUP BY 1
          ) AS part
        ) AS t17
        WHERE true
        LIMIT $2::bigint OFFSET $3::bigint
      ) AS t15
    ),
    'UTF8'
  ),
  convert_to('"Query"'::text, 'UTF8')
