SELECT convert_to(
  (
    SELECT (
      '{"nodes":['
        || coalesce(
          string_agg(
            (
              CASE
                WHEN t1.plain_version = t1.version THEN coalesce(('{"name":"' || t1."name" || '"'), '{"name":null')
                ELSE coalesce(('{"name":' || to_json(t1."name")::text), '{"name":null')
              END
                || ',"contacts":'
                || (
                  SELECT (
                    '{"nodes":['
                      || coalesce(
                        string_agg(
                          (
                            CASE
                              WHEN t2.plain_version = t2.version THEN coalesce(
                                ('{"familyName":"' || t2."family_name" || '"'), '{"familyName":null'
                              )
                              ELSE coalesce(('{"familyName":' || to_json(t2."family_name")::text), '{"familyName":null')
                            END
                              || '}'
                          ),
                          ','
                        ) FILTER (WHERE t2.rn_ <= 1),
                        ''
                      )
                      || '],"pageInfo":'
                      || coalesce(
                        (
                          '{"endCursor":"'
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
                                                  || coalesce(to_json(t2."family_name")::text, 'null')
                                                  || ','
                                                  || coalesce('"' || t2."id"::text || '"', 'null')
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
                                          || coalesce(to_json(t2."family_name")::text, 'null')
                                          || ','
                                          || coalesce('"' || t2."id"::text || '"', 'null')
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
                            ) FILTER (WHERE t2.rn_ = least(t2.total_, 1))
                            || '"'
                        ),
                        '{"endCursor":null'
                      )
                      || ',"hasNextPage":'
                      || (count(*) > 1)::text
                      || '}}'
                  )
                  FROM (
                    SELECT t4.*, row_number() OVER () AS rn_, count(*) OVER () AS total_
                    FROM (
                      SELECT t3.*
                      FROM api.contact AS t3
                      WHERE t3.client_id = t1.id
                        AND (
                          (($3::text IS NOT NULL AND (t3."family_name" > $3::text OR t3."family_name" IS NULL)))
                            OR (t3."family_name" IS NOT DISTINCT FROM $3::text AND t3."id" > $4::uuid)
                        )
                      ORDER BY t3."family_name" ASC, t3."id" ASC
                      LIMIT 2
                    ) AS t4
                  ) AS t2
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
      SELECT t5.*
      FROM api.client AS t5
      WHERE EXISTS (SELECT FROM api.contact AS t6 WHERE t6.client_id = t5.id AND true)
      ORDER BY t5."name" ASC, t5."id" ASC
      LIMIT 20
    ) AS t1
  ),
  'UTF8'
)
