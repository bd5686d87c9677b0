SELECT convert_to(
  (
    SELECT (
      '{"nodes":['
        || coalesce(
          string_agg(
            (
              CASE
                WHEN t1.plain_version = t1.version THEN CASE
                  WHEN t1."total_value" IS NOT NULL THEN (
                    '{"totalValue":{"amount":"'
                      || t1."total_value"::text
                      || '"'
                      || coalesce((',"currency":"' || t1."total_value_currency" || '"'), ',"currency":null')
                      || '}'
                  )
                  ELSE '{"totalValue":null'
                END
                ELSE CASE
                  WHEN t1."total_value" IS NOT NULL THEN (
                    '{"totalValue":{"amount":"'
                      || t1."total_value"::text
                      || '"'
                      || coalesce((',"currency":' || to_json(t1."total_value_currency")::text), ',"currency":null')
                      || '}'
                  )
                  ELSE '{"totalValue":null'
                END
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
      FROM api.contract AS t2
      WHERE true
      ORDER BY t2."total_value_currency" ASC, t2."total_value" DESC NULLS LAST, t2."id" ASC
      LIMIT 20
    ) AS t1
  ),
  'UTF8'
),
  convert_to(
    (
      SELECT (
        '{"nodes":['
          || coalesce(
            string_agg(
              (
                CASE
                  WHEN t3.plain_version = t3.version THEN coalesce(
                    ('{"country":"' || t3."country" || '"'), '{"country":null'
                  )
                  ELSE coalesce(('{"country":' || to_json(t3."country")::text), '{"country":null')
                END
                  || '}'
              ),
              ','
            ),
            ''
          )
          || ']}'
      )
      FROM (SELECT t4.* FROM api.client AS t4 WHERE true ORDER BY t4."country" DESC NULLS LAST, t4."id" ASC LIMIT 20) AS t3
    ),
    'UTF8'
  ),
  convert_to(
    (
      SELECT (
        '{"nodes":['
          || coalesce(
            string_agg(
              (
                CASE
                  WHEN t5.plain_version = t5.version THEN coalesce(('{"code":"' || t5."code" || '"'), '{"code":null')
                  ELSE coalesce(('{"code":' || to_json(t5."code")::text), '{"code":null')
                END
                  || coalesce(
                    (
                      ',"client":'
                        || (
                          SELECT (
                            CASE
                              WHEN t6.plain_version = t6.version THEN coalesce(
                                ('{"name":"' || t6."name" || '"'), '{"name":null'
                              )
                              ELSE coalesce(('{"name":' || to_json(t6."name")::text), '{"name":null')
                            END
                              || '}'
                          ) AS o
                          FROM api.client AS t6
                          WHERE t6.id = t5.client_id
                        )
                    ),
                    ',"client":null'
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
        SELECT t7.*,
          (SELECT t7_client_id."name" FROM api.client AS t7_client_id WHERE t7_client_id.id = t7.client_id) AS "client_id.name"
        FROM api.project AS t7
        WHERE true
        ORDER BY (SELECT t7_client_id."name" FROM api.client AS t7_client_id WHERE t7_client_id.id = t7.client_id) ASC,
          t7."code" ASC,
          t7."id" ASC
        LIMIT 20
      ) AS t5
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
                            $1::bytea
                              || sha256(
                                $2::bytea
                                  || convert_to(
                                    '['
                                      || coalesce(
                                        to_json(t8."project_id.client_id.account_manager_id.family_name")::text, 'null'
                                      )
                                      || ','
                                      || coalesce('"' || t8."work_date"::text || '"', 'null')
                                      || ','
                                      || coalesce('"' || t8."id"::text || '"', 'null')
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
                              || coalesce(
                                to_json(t8."project_id.client_id.account_manager_id.family_name")::text, 'null'
                              )
                              || ','
                              || coalesce('"' || t8."work_date"::text || '"', 'null')
                              || ','
                              || coalesce('"' || t8."id"::text || '"', 'null')
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
                  || coalesce(('{"workDate":"' || t8."work_date"::text || '"'), '{"workDate":null')
                  || '}'
                  || '}'
              ),
              ','
            ) FILTER (WHERE t8.rn_ <= 2),
            ''
          )
          || '],"pageInfo":{"hasNextPage":'
          || (count(*) > 2)::text
          || '}}'
      )
      FROM (
        SELECT t10.*, row_number() OVER () AS rn_, count(*) OVER () AS total_
        FROM (
          SELECT t9.*,
            (
              SELECT t9_project_id_client_id_account_manager_id."family_name"
              FROM api.project AS t9_project_id,
                api.client AS t9_project_id_client_id,
                api.resource AS t9_project_id_client_id_account_manager_id
              WHERE t9_project_id.id = t9.project_id
                AND t9_project_id_client_id.id = t9_project_id.client_id
                AND t9_project_id_client_id_account_manager_id.id = t9_project_id_client_id.account_manager_id
            ) AS "project_id.client_id.account_manager_id.family_name"
          FROM api.time_entry AS t9
          WHERE (
            (
              (
                $3::text IS NOT NULL
                  AND (
                    (
                      SELECT t9_project_id_client_id_account_manager_id."family_name"
                      FROM api.project AS t9_project_id,
                        api.client AS t9_project_id_client_id,
                        api.resource AS t9_project_id_client_id_account_manager_id
                      WHERE t9_project_id.id = t9.project_id
                        AND t9_project_id_client_id.id = t9_project_id.client_id
                        AND t9_project_id_client_id_account_manager_id.id = t9_project_id_client_id.account_manager_id
                    ) > $3::text
                      OR (
                        SELECT t9_project_id_client_id_account_manager_id."family_name"
                        FROM api.project AS t9_project_id,
                          api.client AS t9_project_id_client_id,
                          api.resource AS t9_project_id_client_id_account_manager_id
                        WHERE t9_project_id.id = t9.project_id
                          AND t9_project_id_client_id.id = t9_project_id.client_id
                          AND t9_project_id_client_id_account_manager_id.id = t9_project_id_client_id.account_manager_id
                      ) IS NULL
                  )
              )
            )
              OR (
                (
                  SELECT t9_project_id_client_id_account_manager_id."family_name"
                  FROM api.project AS t9_project_id,
                    api.client AS t9_project_id_client_id,
                    api.resource AS t9_project_id_client_id_account_manager_id
                  WHERE t9_project_id.id = t9.project_id
                    AND t9_project_id_client_id.id = t9_project_id.client_id
                    AND t9_project_id_client_id_account_manager_id.id = t9_project_id_client_id.account_manager_id
                ) IS NOT DISTINCT FROM $3::text
                  AND ($4::date IS NOT NULL AND (t9."work_date" < $4::date OR t9."work_date" IS NULL))
              )
              OR (
                (
                  SELECT t9_project_id_client_id_account_manager_id."family_name"
                  FROM api.project AS t9_project_id,
                    api.client AS t9_project_id_client_id,
                    api.resource AS t9_project_id_client_id_account_manager_id
                  WHERE t9_project_id.id = t9.project_id
                    AND t9_project_id_client_id.id = t9_project_id.client_id
                    AND t9_project_id_client_id_account_manager_id.id = t9_project_id_client_id.account_manager_id
                ) IS NOT DISTINCT FROM $3::text
                  AND t9."work_date" IS NOT DISTINCT FROM $4::date
                  AND t9."id" > $5::uuid
              )
          )
          ORDER BY (
            SELECT t9_project_id_client_id_account_manager_id."family_name"
            FROM api.project AS t9_project_id,
              api.client AS t9_project_id_client_id,
              api.resource AS t9_project_id_client_id_account_manager_id
            WHERE t9_project_id.id = t9.project_id
              AND t9_project_id_client_id.id = t9_project_id.client_id
              AND t9_project_id_client_id_account_manager_id.id = t9_project_id_client_id.account_manager_id
          ) ASC,
            t9."work_date" DESC NULLS LAST,
            t9."id" ASC
          LIMIT 3
        ) AS t10
      ) AS t8
    ),
    'UTF8'
  )
