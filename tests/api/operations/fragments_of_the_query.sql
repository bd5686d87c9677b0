SELECT convert_to(
  (
    SELECT (
      '{"totalCount":'
        || (SELECT count(*) FROM api.contact AS t2 WHERE true)::text
        || ',"nodes":['
        || coalesce(
          string_agg(
            (
              CASE
                WHEN t1.plain_version = t1.version THEN (
                  '{"id":"'
                    || t1.id::text
                    || '","__typename":"Contact"'
                    || coalesce((',"familyName":"' || t1."family_name" || '"'), ',"familyName":null')
                    || coalesce((',"givenName":"' || t1."given_name" || '"'), ',"givenName":null')
                )
                ELSE (
                  '{"id":"'
                    || t1.id::text
                    || '","__typename":"Contact"'
                    || coalesce((',"familyName":' || to_json(t1."family_name")::text), ',"familyName":null')
                    || coalesce((',"givenName":' || to_json(t1."given_name")::text), ',"givenName":null')
                )
              END
                || '}'
            ),
            ','
          ),
          ''
        )
        || '],"__typename":"ContactConnection"}'
    )
    FROM (
      SELECT t3.*
      FROM api.contact AS t3
      WHERE true
      ORDER BY t3."family_name" ASC, t3."given_name" ASC, t3."id" ASC
      LIMIT 20
    ) AS t1
  ),
  'UTF8'
),
  convert_to(
    coalesce(
      (
        SELECT (
          CASE
            WHEN t4.plain_version = t4.version THEN (
              '{"id":"'
                || t4.id::text
                || '","__typename":"Client"'
                || coalesce((',"name":"' || t4."name" || '"'), ',"name":null')
                || coalesce((',"country":"' || t4."country" || '"'), ',"country":null')
            )
            ELSE (
              '{"id":"'
                || t4.id::text
                || '","__typename":"Client"'
                || coalesce((',"name":' || to_json(t4."name")::text), ',"name":null')
                || coalesce((',"country":' || to_json(t4."country")::text), ',"country":null')
            )
          END
            || '}'
        ) AS o
        FROM api.client AS t4
        WHERE t4.id = CASE
          WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = $1::uuid) THEN api.survivor($1::uuid) ELSE $1::uuid
        END
      ),
      'null'
    ),
    'UTF8'
  )
