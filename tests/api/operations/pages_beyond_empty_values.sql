SELECT convert_to(
  (
    SELECT (
      '{"edges":['
        || coalesce(
          string_agg(
            (
              '{"cursor":"'
                || rtrim(
                  translate(
                    encode(
                      substr(
                        sha256(
                          $1::bytea
                            || sha256(
                              $2::bytea
                                || convert_to(
                                  '['
                                    || coalesce('"' || t1."start_date"::text || '"', 'null')
                                    || ','
                                    || coalesce(t1."billable"::text, 'null')
                                    || ','
                                    || coalesce('"' || t1."id"::text || '"', 'null')
                                    || ']',
                                  'UTF8'
                                )
                            )
                        ),
                        1,
                        12
                      )
                        || convert_to(
                          '['
                            || coalesce('"' || t1."start_date"::text || '"', 'null')
                            || ','
                            || coalesce(t1."billable"::text, 'null')
                            || ','
                            || coalesce('"' || t1."id"::text || '"', 'null')
                            || ']',
                          'UTF8'
                        ),
                      'base64'
                    ),
                    E'+/\n',
                    '-_'
                  ),
                  '='
                )
                || '","node":'
                || CASE
                  WHEN t1.plain_version = t1.version THEN (
                    coalesce(('{"code":"' || t1."code" || '"'), '{"code":null')
                      || coalesce((',"startDate":"' || t1."start_date"::text || '"'), ',"startDate":null')
                      || coalesce((',"billable":' || t1."billable"::text), ',"billable":null')
                  )
                  ELSE (
                    coalesce(('{"code":' || to_json(t1."code")::text), '{"code":null')
                      || coalesce((',"startDate":"' || t1."start_date"::text || '"'), ',"startDate":null')
                      || coalesce((',"billable":' || t1."billable"::text), ',"billable":null')
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
      SELECT t2.*
      FROM api.project AS t2
      WHERE (
        (($3::date IS NOT NULL AND (t2."start_date" > $3::date OR t2."start_date" IS NULL)))
          OR (
            t2."start_date" IS NOT DISTINCT FROM $3::date
              AND ($4::boolean IS NOT NULL AND (t2."billable" < $4::boolean OR t2."billable" IS NULL))
          )
          OR (
            t2."start_date" IS NOT DISTINCT FROM $3::date
              AND t2."billable" IS NOT DISTINCT FROM $4::boolean
              AND t2."id" > $5::uuid
          )
      )
      ORDER BY t2."start_date" ASC, t2."billable" DESC NULLS LAST, t2."id" ASC
      LIMIT 20
    ) AS t1
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
                  WHEN t3.plain_version = t3.version THEN (
                    coalesce(('{"code":"' || t3."code" || '"'), '{"code":null')
                      || coalesce((',"startDate":"' || t3."start_date"::text || '"'), ',"startDate":null')
                  )
                  ELSE (
                    coalesce(('{"code":' || to_json(t3."code")::text), '{"code":null')
                      || coalesce((',"startDate":"' || t3."start_date"::text || '"'), ',"startDate":null')
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
      FROM (
        SELECT t4.*
        FROM api.project AS t4
        WHERE (
          (($6::date IS NOT NULL AND (t4."start_date" > $6::date OR t4."start_date" IS NULL)))
            OR (
              t4."start_date" IS NOT DISTINCT FROM $6::date
                AND ($7::boolean IS NOT NULL AND (t4."billable" < $7::boolean OR t4."billable" IS NULL))
            )
            OR (
              t4."start_date" IS NOT DISTINCT FROM $6::date
                AND t4."billable" IS NOT DISTINCT FROM $7::boolean
                AND t4."id" > $8::uuid
            )
        )
        ORDER BY t4."start_date" ASC, t4."billable" DESC NULLS LAST, t4."id" ASC
        LIMIT 20
      ) AS t3
    ),
    'UTF8'
  )
