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
            ORDER BY t1.rn_ DESC
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
              ) FILTER (WHERE t1.rn_ = least(t1.total_, 2))
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
              ) FILTER (WHERE t1.rn_ = 1)
              || '"'
          ),
          ',"endCursor":null'
        )
        || ',"hasNextPage":true,"hasPreviousPage":'
        || (count(*) > 2)::text
        || '}}'
    )
    FROM (
      SELECT t3.*, row_number() OVER () AS rn_, count(*) OVER () AS total_
      FROM (
        SELECT t2.*
        FROM api.project AS t2
        WHERE (
          ((t2."name" < $3::text OR ($3::text IS NULL AND t2."name" IS NOT NULL)))
            OR (t2."name" IS NOT DISTINCT FROM $3::text AND t2."id" < $4::uuid)
        )
        ORDER BY t2."name" DESC, t2."id" DESC
        LIMIT 3
      ) AS t3
    ) AS t1
  ),
  'UTF8'
)
