SELECT convert_to(
  coalesce(
    (
      SELECT (
        CASE
          WHEN t2.plain_version = t2.version THEN (
            '{"id":"' || t2.id::text || '"' || coalesce((',"name":"' || t2."name" || '"'), ',"name":null')
          )
          ELSE ('{"id":"' || t2.id::text || '"' || coalesce((',"name":' || to_json(t2."name")::text), ',"name":null'))
        END
          || '}'
      ) AS o
      FROM api.client AS t2
      WHERE t2.id = CASE
        WHEN EXISTS (
          SELECT
          FROM api.forward
          WHERE loser_id = (
            SELECT t1.golden_id
            FROM api.source_record t1
            WHERE t1.system = $1::text
              AND t1.external_id = $2::text
              AND t1.object = $3::text
              AND t1.entity = 'client'
              AND t1.golden_id IS NOT NULL
            ORDER BY t1.state <> 'present', t1.id
            LIMIT 1
          )
        ) THEN api.survivor(
          (
            SELECT t1.golden_id
            FROM api.source_record t1
            WHERE t1.system = $1::text
              AND t1.external_id = $2::text
              AND t1.object = $3::text
              AND t1.entity = 'client'
              AND t1.golden_id IS NOT NULL
            ORDER BY t1.state <> 'present', t1.id
            LIMIT 1
          )
        )
        ELSE (
          SELECT t1.golden_id
          FROM api.source_record t1
          WHERE t1.system = $1::text
            AND t1.external_id = $2::text
            AND t1.object = $3::text
            AND t1.entity = 'client'
            AND t1.golden_id IS NOT NULL
          ORDER BY t1.state <> 'present', t1.id
          LIMIT 1
        )
      END
    ),
    'null'
  ),
  'UTF8'
),
  convert_to(
    coalesce(
      (
        SELECT ('{"id":"' || t4.id::text || '"}') AS o
        FROM api.client AS t4
        WHERE t4.id = CASE
          WHEN EXISTS (
            SELECT
            FROM api.forward
            WHERE loser_id = (
              SELECT t3.golden_id
              FROM api.source_record t3
              WHERE t3.system = $4::text
                AND t3.external_id = $5::text
                AND t3.entity = 'client'
                AND t3.golden_id IS NOT NULL
              ORDER BY t3.state <> 'present', t3.id
              LIMIT 1
            )
          ) THEN api.survivor(
            (
              SELECT t3.golden_id
              FROM api.source_record t3
              WHERE t3.system = $4::text
                AND t3.external_id = $5::text
                AND t3.entity = 'client'
                AND t3.golden_id IS NOT NULL
              ORDER BY t3.state <> 'present', t3.id
              LIMIT 1
            )
          )
          ELSE (
            SELECT t3.golden_id
            FROM api.source_record t3
            WHERE t3.system = $4::text
              AND t3.external_id = $5::text
              AND t3.entity = 'client'
              AND t3.golden_id IS NOT NULL
            ORDER BY t3.state <> 'present', t3.id
            LIMIT 1
          )
        END
      ),
      'null'
    ),
    'UTF8'
  ),
  convert_to(
    coalesce(
      (
        SELECT ('{"id":"' || t6.id::text || '"}') AS o
        FROM api.client AS t6
        WHERE t6.id = CASE
          WHEN EXISTS (
            SELECT
            FROM api.forward
            WHERE loser_id = (
              SELECT t5.golden_id
              FROM api.source_record t5
              WHERE t5.system = $6::text
                AND t5.external_id = $7::text
                AND t5.object = $8::text
                AND t5.entity = 'client'
                AND t5.golden_id IS NOT NULL
              ORDER BY t5.state <> 'present', t5.id
              LIMIT 1
            )
          ) THEN api.survivor(
            (
              SELECT t5.golden_id
              FROM api.source_record t5
              WHERE t5.system = $6::text
                AND t5.external_id = $7::text
                AND t5.object = $8::text
                AND t5.entity = 'client'
                AND t5.golden_id IS NOT NULL
              ORDER BY t5.state <> 'present', t5.id
              LIMIT 1
            )
          )
          ELSE (
            SELECT t5.golden_id
            FROM api.source_record t5
            WHERE t5.system = $6::text
              AND t5.external_id = $7::text
              AND t5.object = $8::text
              AND t5.entity = 'client'
              AND t5.golden_id IS NOT NULL
            ORDER BY t5.state <> 'present', t5.id
            LIMIT 1
          )
        END
      ),
      'null'
    ),
    'UTF8'
  ),
  convert_to(
    coalesce(
      (
        SELECT ('{"id":"' || t8.id::text || '"}') AS o
        FROM api.client AS t8
        WHERE t8.id = CASE
          WHEN EXISTS (
            SELECT
            FROM api.forward
            WHERE loser_id = (
              SELECT t7.golden_id
              FROM api.source_record t7
              WHERE t7.system = $9::text
                AND t7.external_id = $10::text
                AND t7.entity = 'client'
                AND t7.golden_id IS NOT NULL
              ORDER BY t7.state <> 'present', t7.id
              LIMIT 1
            )
          ) THEN api.survivor(
            (
              SELECT t7.golden_id
              FROM api.source_record t7
              WHERE t7.system = $9::text
                AND t7.external_id = $10::text
                AND t7.entity = 'client'
                AND t7.golden_id IS NOT NULL
              ORDER BY t7.state <> 'present', t7.id
              LIMIT 1
            )
          )
          ELSE (
            SELECT t7.golden_id
            FROM api.source_record t7
            WHERE t7.system = $9::text
              AND t7.external_id = $10::text
              AND t7.entity = 'client'
              AND t7.golden_id IS NOT NULL
            ORDER BY t7.state <> 'present', t7.id
            LIMIT 1
          )
        END
      ),
      'null'
    ),
    'UTF8'
  )
