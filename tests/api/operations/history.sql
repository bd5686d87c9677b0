SELECT convert_to(r.o, 'UTF8')
FROM (
  SELECT (
    '{"newest":'
      || (
        SELECT (
          '{"totalCount":'
            || (SELECT count(*) FROM api.change AS t3 WHERE t3.golden_id = t1.id)::text
            || ',"nodes":['
            || coalesce(
              string_agg(
                ('{"version":' || t2.version::text || coalesce((',"op":' || to_json(t2.op)::text), ',"op":null') || '}'),
                ','
              ) FILTER (WHERE t2.rn_ <= 1),
              ''
            )
            || '],"pageInfo":{"hasNextPage":'
            || (count(*) > 1)::text
            || '}}'
        )
        FROM (
          SELECT t5.*, row_number() OVER () AS rn_, count(*) OVER () AS total_
          FROM (SELECT t4.* FROM api.change AS t4 WHERE t4.golden_id = t1.id ORDER BY t4."version" DESC LIMIT 2) AS t5
        ) AS t2
      )
      || ',"all":'
      || (
        SELECT (
          '{"nodes":['
            || coalesce(
              string_agg(
                (
                  '{"version":'
                    || t6.version::text
                    || coalesce((',"op":' || to_json(t6.op)::text), ',"op":null')
                    || coalesce((',"cause":' || to_json(t6.cause)::text), ',"cause":null')
                    || coalesce((',"actor":' || to_json(t6.actor)::text), ',"actor":null')
                    || coalesce((',"correlationId":' || to_json(t6.correlation_id)::text), ',"correlationId":null')
                    || ',"backfill":'
                    || t6.is_backfill::text
                    || coalesce(
                      (',"at":"' || to_char(t6.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || '"'),
                      ',"at":null'
                    )
                    || ',"fields":'
                    || (
                      SELECT (
                        '['
                          || coalesce(
                            string_agg(
                              (
                                coalesce(
                                  (
                                    '{"field":'
                                      || to_json(
                                        (
                                          SELECT string_agg(
                                            CASE WHEN i = 1 THEN w ELSE upper(left(w, 1)) || substr(w, 2) END, ''
                                            ORDER BY i
                                          )
                                          FROM unnest(string_to_array(t7.k, '_')) WITH ORDINALITY AS words (w, i)
                                        )
                                      )::text
                                  ),
                                  '{"field":null'
                                )
                                  || coalesce(
                                    (',"before":' || (nullif(t6.before -> t7.k, 'null'))::text), ',"before":null'
                                  )
                                  || coalesce(
                                    (',"after":' || (nullif(t6.after -> t7.k, 'null'))::text), ',"after":null'
                                  )
                                  || '}'
                              ),
                              ','
                              ORDER BY t7.k COLLATE "C"
                            ),
                            ''
                          )
                          || ']'
                      )
                      FROM (SELECT jsonb_object_keys(t6.before) AS k UNION SELECT jsonb_object_keys(t6.after)) AS t7
                    )
                    || coalesce(
                      (
                        ',"record":'
                          || (
                            SELECT ('{"id":"' || t8.id::text || '","version":' || t8.version::text || '}') AS o
                            FROM api.client AS t8
                            WHERE t8.id = t6.golden_id
                          )
                      ),
                      ',"record":null'
                    )
                    || '}'
                ),
                ','
              ),
              ''
            )
            || ']}'
        )
        FROM (SELECT t9.* FROM api.change AS t9 WHERE t9.golden_id = t1.id ORDER BY t9."version" ASC LIMIT 20) AS t6
      )
      || '}'
  ) AS o
  FROM api.client AS t1
  WHERE t1.id = CASE
    WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
  END
) AS r
