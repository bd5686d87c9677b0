SELECT convert_to(
  (
    SELECT (
      '{"nodes":['
        || coalesce(
          string_agg(
            (
              CASE
                WHEN t1.plain_version = t1.version THEN (
                  coalesce(('{"familyName":"' || t1."family_name" || '"'), '{"familyName":null')
                    || CASE
                      WHEN t1."cost_rate" IS NOT NULL THEN (
                        ',"costRate":{"amount":"'
                          || trim_scale(t1."cost_rate")::text
                          || '"'
                          || coalesce((',"currency":"' || t1."cost_rate_currency" || '"'), ',"currency":null')
                          || coalesce((',"per":"' || t1."cost_rate_per" || '"'), ',"per":null')
                          || '}'
                      )
                      ELSE ',"costRate":null'
                    END
                    || ',"masked":[]'
                )
                ELSE (
                  coalesce(('{"familyName":' || to_json(t1."family_name")::text), '{"familyName":null')
                    || CASE
                      WHEN t1."cost_rate" IS NOT NULL THEN (
                        ',"costRate":{"amount":"'
                          || trim_scale(t1."cost_rate")::text
                          || '"'
                          || coalesce((',"currency":' || to_json(t1."cost_rate_currency")::text), ',"currency":null')
                          || coalesce((',"per":' || to_json(t1."cost_rate_per")::text), ',"per":null')
                          || '}'
                      )
                      ELSE ',"costRate":null'
                    END
                    || ',"masked":[]'
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
      SELECT t2.*
      FROM api.resource AS t2
      WHERE t2."cost_rate_currency" = $1::text AND t2."cost_rate_per" = $2::text AND t2."cost_rate" >= $3::numeric
      ORDER BY t2."cost_rate_currency" ASC, t2."cost_rate_per" ASC, t2."cost_rate" ASC, t2."id" ASC
      LIMIT 20
    ) AS t1
  ),
  'UTF8'
)
