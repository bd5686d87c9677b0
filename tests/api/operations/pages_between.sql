SELECT convert_to(
  (
    SELECT (
      '{"nodes":['
        || coalesce(
          string_agg(
            (
              CASE
                WHEN t1.plain_version = t1.version THEN coalesce(('{"code":"' || t1."code" || '"'), '{"code":null')
                ELSE coalesce(('{"code":' || to_json(t1."code")::text), '{"code":null')
              END
                || '}'
            ),
            ','
          ) FILTER (WHERE t1.rn_ <= 20),
          ''
        )
        || '],"pageInfo":{"hasNextPage":'
        || (count(*) > 20)::text
        || ',"hasPreviousPage":true}}'
    )
    FROM (
      SELECT t3.*, row_number() OVER () AS rn_, count(*) OVER () AS total_
      FROM (
        SELECT t2.*
        FROM api.project AS t2
        WHERE ((t2."id" > $1::uuid)) AND ((t2."id" < $2::uuid))
        ORDER BY t2."id" ASC
        LIMIT 21
      ) AS t3
    ) AS t1
  ),
  'UTF8'
),
  convert_to(
    (
      SELECT (
        '{"pageInfo":'
          || coalesce(
            (
              '{"startCursor":"'
                || max(
                  rtrim(
                    translate(
                      encode(
                        substr(
                          sha256(
                            $3::bytea
                              || sha256(
                                $4::bytea
                                  || convert_to('[' || coalesce('"' || t4."id"::text || '"', 'null') || ']', 'UTF8')
                              )
                          ),
                          1,
                          12
                        )
                          || convert_to('[' || coalesce('"' || t4."id"::text || '"', 'null') || ']', 'UTF8'),
                        'base64'
                      ),
                      E'+/\n',
                      '-_'
                    ),
                    '='
                  )
                ) FILTER (WHERE t4.rn_ = 1)
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
                            $3::bytea
                              || sha256(
                                $4::bytea
                                  || convert_to('[' || coalesce('"' || t4."id"::text || '"', 'null') || ']', 'UTF8')
                              )
                          ),
                          1,
                          12
                        )
                          || convert_to('[' || coalesce('"' || t4."id"::text || '"', 'null') || ']', 'UTF8'),
                        'base64'
                      ),
                      E'+/\n',
                      '-_'
                    ),
                    '='
                  )
                ) FILTER (WHERE t4.rn_ = least(t4.total_, 20))
                || '"'
            ),
            ',"endCursor":null'
          )
          || '}}'
      )
      FROM (
        SELECT t6.*, row_number() OVER () AS rn_, count(*) OVER () AS total_
        FROM (SELECT t5.* FROM api.project AS t5 WHERE true ORDER BY t5."id" ASC LIMIT 20) AS t6
      ) AS t4
    ),
    'UTF8'
  )
