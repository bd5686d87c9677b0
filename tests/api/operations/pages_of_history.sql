SELECT convert_to(r.o, 'UTF8')
FROM (
  SELECT (
    '{"history":'
      || (
        SELECT (
          '{"totalCount":'
            || (SELECT count(*) FROM api.change AS t3 WHERE t3.golden_id = t1.id)::text
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
                              $2::bytea
                                || sha256(
                                  $3::bytea
                                    || convert_to(
                                      '[' || coalesce('"' || t2."version"::text || '"', 'null') || ']', 'UTF8'
                                    )
                                )
                            ),
                            1,
                            12
                          )
                            || convert_to('[' || coalesce('"' || t2."version"::text || '"', 'null') || ']', 'UTF8'),
                          'base64'
                        ),
                        E'+/\n',
                        '-_'
                      ),
                      '='
                    )
                    || '","node":'
                    || '{"version":'
                    || t2.version::text
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
          SELECT t4.*
          FROM api.change AS t4
          WHERE t4.golden_id = t1.id AND ((t4."version" < $4::integer))
          ORDER BY t4."version" DESC
          LIMIT 1
        ) AS t2
      )
      || '}'
  ) AS o
  FROM api.client AS t1
  WHERE t1.id = CASE
    WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
  END
) AS r
