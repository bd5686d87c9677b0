SELECT convert_to(
  (
    '{"totalCount":'
      || (SELECT count(*) FROM api.client AS t2 WHERE lower(t2."name") = lower($1::text) AND t2."name" = $1::text)::text
      || '}'
  ),
  'UTF8'
),
  convert_to(
    (
      '{"totalCount":'
        || (SELECT count(*) FROM api.client AS t4 WHERE t4."legal_name" IS DISTINCT FROM $2::text)::text
        || '}'
    ),
    'UTF8'
  ),
  convert_to(
    (
      '{"totalCount":'
        || (
          SELECT count(*)
          FROM api.client AS t6
          WHERE lower(t6."name") = ANY (ARRAY(SELECT lower(v) FROM unnest((SELECT $3::text[])::text[]) AS v))
            AND t6."name" = ANY ((SELECT $3::text[])::text[])
        )::text
        || '}'
    ),
    'UTF8'
  ),
  convert_to(
    (
      '{"totalCount":'
        || (SELECT count(*) FROM api.client AS t8 WHERE ((t8."country" = ANY ($4::text[])) IS NOT TRUE))::text
        || '}'
    ),
    'UTF8'
  ),
  convert_to(
    ('{"totalCount":' || (SELECT count(*) FROM api.client AS t10 WHERE t10."country" IS NULL)::text || '}'), 'UTF8'
  ),
  convert_to(
    (
      '{"totalCount":'
        || (SELECT count(*) FROM api.client AS t12 WHERE lower(t12."name") = lower($5::text))::text
        || '}'
    ),
    'UTF8'
  ),
  convert_to(
    (
      '{"totalCount":'
        || (
          SELECT count(*)
          FROM api.client AS t14
          WHERE lower(t14."name") ~>=~ lower($6::text)
            AND lower(t14."name") ~<~ (lower($6::text) || chr(1114111))
            AND starts_with(lower(t14."name"), lower($6::text))
        )::text
        || '}'
    ),
    'UTF8'
  ),
  convert_to(
    (
      '{"totalCount":'
        || (SELECT count(*) FROM api.client AS t16 WHERE t16."name" >= $7::text AND t16."name" < $8::text)::text
        || '}'
    ),
    'UTF8'
  ),
  convert_to(
    (
      '{"totalCount":'
        || (
          SELECT count(*)
          FROM api.client AS t18
          WHERE lower(t18."name") ~>=~ lower($9::text)
            AND lower(t18."name") ~<~ (lower($9::text) || chr(1114111))
            AND starts_with(lower(t18."name"), lower($9::text))
        )::text
        || '}'
    ),
    'UTF8'
  )
