SELECT convert_to(
  (
    SELECT (
      '{"totalCount":'
        || (SELECT count(*) FROM api.project AS t2 WHERE true)::text
        || ',"edges":['
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
                                    || coalesce(to_json(t1."name")::text, 'null')
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
                            || coalesce(to_json(t1."name")::text, 'null')
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
                  WHEN t1.plain_version = t1.version THEN coalesce(('{"name":"' || t1."name" || '"'), '{"name":null')
                  ELSE coalesce(('{"name":' || to_json(t1."name")::text), '{"name":null')
                END
                || '}'
                || '}'
            ),
            ','
          ) FILTER (WHERE t1.rn_ <= 2),
          ''
        )
        || '],"pageInfo":'
        || coalesce(
          (
            '{"startCursor":"'
              || max(
                rtrim(
                  translate(
                    encode(
                      substr(
                        sha256(
                          $1::bytea
                            || sha256(
                              $2::bytea
                                || convert_to(
                                  '['
                                    || coalesce(to_json(t1."name")::text, 'null')
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
                            || coalesce(to_json(t1."name")::text, 'null')
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
              ) FILTER (WHERE t1.rn_ = 1)
              || '"'
          ),
          '{"startCursor":null'
        )
        || coalesce(
          (
            ',"endCursor":"'
              || max(
                rtrim(
                  translate(
                    encode(
                      substr(
                        sha256(
                          $1::bytea
                            || sha256(
                              $2::bytea
                                || convert_to(
                                  '['
                                    || coalesce(to_json(t1."name")::text, 'null')
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
                            || coalesce(to_json(t1."name")::text, 'null')
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
              ) FILTER (WHERE t1.rn_ = least(t1.total_, 2))
              || '"'
          ),
          ',"endCursor":null'
        )
        || ',"hasNextPage":'
        || (count(*) > 2)::text
        || ',"hasPreviousPage":true}}'
    )
    FROM (
      SELECT t4.*, row_number() OVER () AS rn_, count(*) OVER () AS total_
      FROM (
        SELECT t3.*
        FROM api.project AS t3
        WHERE (
          (($3::text IS NOT NULL AND (t3."name" < $3::text OR t3."name" IS NULL)))
            OR (t3."name" IS NOT DISTINCT FROM $3::text AND t3."id" > $4::uuid)
        )
        ORDER BY t3."name" DESC NULLS LAST, t3."id" ASC
        LIMIT 3
      ) AS t4
    ) AS t1
  ),
  'UTF8'
)
