SELECT convert_to(
  (
    SELECT (
      '{"nodes":['
        || coalesce(
          string_agg(
            (
              CASE
                WHEN t1.plain_version = t1.version THEN (
                  coalesce(('{"name":"' || t1."name" || '"'), '{"name":null')
                    || coalesce((',"legalName":"' || t1."legal_name" || '"'), ',"legalName":null')
                )
                ELSE (
                  coalesce(('{"name":' || to_json(t1."name")::text), '{"name":null')
                    || coalesce((',"legalName":' || to_json(t1."legal_name")::text), ',"legalName":null')
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
    FROM (SELECT t2.* FROM api.client AS t2 WHERE t2."blocked" = $1::boolean ORDER BY t2."id" ASC LIMIT 20) AS t1
  ),
  'UTF8'
),
  convert_to(
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
                            $2::bytea
                              || sha256(
                                $3::bytea
                                  || convert_to(
                                    '['
                                      || coalesce(to_json(t3."name")::text, 'null')
                                      || ','
                                      || coalesce('"' || t3."id"::text || '"', 'null')
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
                              || coalesce(to_json(t3."name")::text, 'null')
                              || ','
                              || coalesce('"' || t3."id"::text || '"', 'null')
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
                    WHEN t3.plain_version = t3.version THEN coalesce(('{"name":"' || t3."name" || '"'), '{"name":null')
                    ELSE coalesce(('{"name":' || to_json(t3."name")::text), '{"name":null')
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
      FROM (SELECT t4.* FROM api.client AS t4 WHERE true ORDER BY t4."name" ASC, t4."id" ASC LIMIT 1) AS t3
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
                '{"key":'
                  || coalesce(('{"name":' || to_json(t5.key1)::text), '{"name":null')
                  || '},"count":'
                  || t5.count::text
                  || '}'
              ),
              ','
            ),
            ''
          )
          || ']'
      )
      FROM (
        SELECT t6.*
        FROM (
          SELECT t7."name" AS key1, count(*) AS count FROM api.client AS t7 WHERE t7."blocked" = $4::boolean GROUP BY 1
        ) AS t6
        WHERE true
        ORDER BY t6.key1 NULLS LAST
        LIMIT $5::bigint OFFSET $6::bigint
      ) AS t5
    ),
    'UTF8'
  )
