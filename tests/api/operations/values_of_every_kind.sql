SELECT convert_to(
  (
    SELECT (
      '{"nodes":['
        || coalesce(
          string_agg(
            (
              CASE
                WHEN t1.plain_version = t1.version THEN (
                  coalesce(('{"lineNo":"' || t1."line_no" || '"'), '{"lineNo":null')
                    || coalesce((',"description":"' || t1."description" || '"'), ',"description":null')
                    || CASE
                      WHEN t1."amount" IS NOT NULL THEN (
                        ',"amount":{"amount":"'
                          || t1."amount"::text
                          || '"'
                          || coalesce((',"currency":"' || t1."amount_currency" || '"'), ',"currency":null')
                          || '}'
                      )
                      ELSE ',"amount":null'
                    END
                    || CASE
                      WHEN t1."quantity" IS NOT NULL THEN (
                        ',"quantity":{"value":"'
                          || trim_scale(t1."quantity")::text
                          || '"'
                          || coalesce((',"unit":"' || t1."quantity_unit" || '"'), ',"unit":null')
                          || coalesce((',"stated":"' || t1."quantity_stated" || '"'), ',"stated":null')
                          || '}'
                      )
                      ELSE ',"quantity":null'
                    END
                    || CASE
                      WHEN t1."unit_price" IS NOT NULL THEN (
                        ',"unitPrice":{"amount":"'
                          || trim_scale(t1."unit_price")::text
                          || '"'
                          || coalesce((',"currency":"' || t1."unit_price_currency" || '"'), ',"currency":null')
                          || coalesce((',"per":"' || t1."unit_price_per" || '"'), ',"per":null')
                          || '}'
                      )
                      ELSE ',"unitPrice":null'
                    END
                    || coalesce(
                      (',"expenseMarkup":"' || trim_scale(t1."expense_markup")::text || '"'), ',"expenseMarkup":null'
                    )
                    || coalesce((',"validFrom":"' || t1."valid_from"::text || '"'), ',"validFrom":null')
                    || coalesce((',"validTo":"' || t1."valid_to"::text || '"'), ',"validTo":null')
                    || coalesce((',"billingMethod":"' || t1."billing_method" || '"'), ',"billingMethod":null')
                    || CASE
                      WHEN t1."cap_amount" IS NOT NULL THEN (',"capAmount":{"amount":"' || t1."cap_amount"::text || '"}')
                      ELSE ',"capAmount":null'
                    END
                    || CASE
                      WHEN t1."cap_hours" IS NOT NULL THEN (
                        ',"capHours":{"value":"' || trim_scale(t1."cap_hours")::text || '"}'
                      )
                      ELSE ',"capHours":null'
                    END
                )
                ELSE (
                  coalesce(('{"lineNo":' || to_json(t1."line_no")::text), '{"lineNo":null')
                    || coalesce((',"description":' || to_json(t1."description")::text), ',"description":null')
                    || CASE
                      WHEN t1."amount" IS NOT NULL THEN (
                        ',"amount":{"amount":"'
                          || t1."amount"::text
                          || '"'
                          || coalesce((',"currency":' || to_json(t1."amount_currency")::text), ',"currency":null')
                          || '}'
                      )
                      ELSE ',"amount":null'
                    END
                    || CASE
                      WHEN t1."quantity" IS NOT NULL THEN (
                        ',"quantity":{"value":"'
                          || trim_scale(t1."quantity")::text
                          || '"'
                          || coalesce((',"unit":' || to_json(t1."quantity_unit")::text), ',"unit":null')
                          || coalesce((',"stated":' || to_json(t1."quantity_stated")::text), ',"stated":null')
                          || '}'
                      )
                      ELSE ',"quantity":null'
                    END
                    || CASE
                      WHEN t1."unit_price" IS NOT NULL THEN (
                        ',"unitPrice":{"amount":"'
                          || trim_scale(t1."unit_price")::text
                          || '"'
                          || coalesce((',"currency":' || to_json(t1."unit_price_currency")::text), ',"currency":null')
                          || coalesce((',"per":' || to_json(t1."unit_price_per")::text), ',"per":null')
                          || '}'
                      )
                      ELSE ',"unitPrice":null'
                    END
                    || coalesce(
                      (',"expenseMarkup":"' || trim_scale(t1."expense_markup")::text || '"'), ',"expenseMarkup":null'
                    )
                    || coalesce((',"validFrom":"' || t1."valid_from"::text || '"'), ',"validFrom":null')
                    || coalesce((',"validTo":"' || t1."valid_to"::text || '"'), ',"validTo":null')
                    || coalesce((',"billingMethod":' || to_json(t1."billing_method")::text), ',"billingMethod":null')
                    || CASE
                      WHEN t1."cap_amount" IS NOT NULL THEN (',"capAmount":{"amount":"' || t1."cap_amount"::text || '"}')
                      ELSE ',"capAmount":null'
                    END
                    || CASE
                      WHEN t1."cap_hours" IS NOT NULL THEN (
                        ',"capHours":{"value":"' || trim_scale(t1."cap_hours")::text || '"}'
                      )
                      ELSE ',"capHours":null'
                    END
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
    FROM (SELECT t2.* FROM api.contract_line AS t2 WHERE true ORDER BY t2."id" ASC LIMIT 20) AS t1
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
                  WHEN t3.plain_version = t3.version THEN (
                    coalesce(('{"familyName":"' || t3."family_name" || '"'), '{"familyName":null')
                      || coalesce((',"fte":"' || trim_scale(t3."fte")::text || '"'), ',"fte":null')
                      || coalesce((',"skills":' || (t3."skills")::text), ',"skills":null')
                      || coalesce((',"tz":"' || t3."tz" || '"'), ',"tz":null')
                      || coalesce((',"startDate":"' || t3."start_date"::text || '"'), ',"startDate":null')
                  )
                  ELSE (
                    coalesce(('{"familyName":' || to_json(t3."family_name")::text), '{"familyName":null')
                      || coalesce((',"fte":"' || trim_scale(t3."fte")::text || '"'), ',"fte":null')
                      || coalesce((',"skills":' || (t3."skills")::text), ',"skills":null')
                      || coalesce((',"tz":' || to_json(t3."tz")::text), ',"tz":null')
                      || coalesce((',"startDate":"' || t3."start_date"::text || '"'), ',"startDate":null')
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
      FROM (SELECT t4.* FROM api.resource AS t4 WHERE true ORDER BY t4."id" ASC LIMIT 20) AS t3
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
                  WHEN t5.plain_version = t5.version THEN (
                    coalesce(
                      (
                        '{"approvedAt":"'
                          || to_char(t5."approved_at" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
                          || '"'
                      ),
                      '{"approvedAt":null'
                    )
                      || coalesce(
                        (
                          ',"startedAt":"'
                            || to_char(t5."started_at" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
                            || '"'
                        ),
                        ',"startedAt":null'
                      )
                      || CASE
                        WHEN t5."cost" IS NOT NULL THEN (
                          ',"cost":{"amount":"'
                            || t5."cost"::text
                            || '"'
                            || coalesce((',"currency":"' || t5."cost_currency" || '"'), ',"currency":null')
                            || '}'
                        )
                        ELSE ',"cost":null'
                      END
                      || coalesce((',"billable":' || t5."billable"::text), ',"billable":null')
                      || coalesce((',"approvalTier":' || t5."approval_tier"::text), ',"approvalTier":null')
                      || coalesce((',"legalEntityId":"' || t5.legal_entity_id::text || '"'), ',"legalEntityId":null')
                  )
                  ELSE (
                    coalesce(
                      (
                        '{"approvedAt":"'
                          || to_char(t5."approved_at" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
                          || '"'
                      ),
                      '{"approvedAt":null'
                    )
                      || coalesce(
                        (
                          ',"startedAt":"'
                            || to_char(t5."started_at" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
                            || '"'
                        ),
                        ',"startedAt":null'
                      )
                      || CASE
                        WHEN t5."cost" IS NOT NULL THEN (
                          ',"cost":{"amount":"'
                            || t5."cost"::text
                            || '"'
                            || coalesce((',"currency":' || to_json(t5."cost_currency")::text), ',"currency":null')
                            || '}'
                        )
                        ELSE ',"cost":null'
                      END
                      || coalesce((',"billable":' || t5."billable"::text), ',"billable":null')
                      || coalesce((',"approvalTier":' || t5."approval_tier"::text), ',"approvalTier":null')
                      || coalesce((',"legalEntityId":"' || t5.legal_entity_id::text || '"'), ',"legalEntityId":null')
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
      FROM (SELECT t6.* FROM api.time_entry AS t6 WHERE t6."approved_at" IS NOT NULL ORDER BY t6."id" ASC LIMIT 20) AS t5
    ),
    'UTF8'
  )
