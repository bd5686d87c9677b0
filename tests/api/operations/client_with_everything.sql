SELECT convert_to(coalesce(
(SELECT (((CASE WHEN t4.plain_version = t4.version THEN ((('{"__typename":"Client","id":"' || (t4.id::text || '","version":')) || (t4.version::text || (',"recordState":"' || t4.record_state))) || (('"' || (coalesce((',"name":"' || (t4."name" || '"')), ',"name":null') || coalesce((',"legalName":"' || (t4."legal_name" || '"')), ',"legalName":null'))) || ((coalesce((',"country":"' || (t4."country" || '"')), ',"country":null') || ',"extra":') || (coalesce(t4.extra::text, '{}') || ',"masked":[]'))))
ELSE ((('{"__typename":"Client","id":"' || (t4.id::text || '","version":')) || (t4.version::text || (',"recordState":"' || t4.record_state))) || (('"' || (coalesce((',"name":' || to_json(t4."name")::text), ',"name":null') || coalesce((',"legalName":' || to_json(t4."legal_name")::text), ',"legalName":null'))) || ((coalesce((',"country":' || to_json(t4."country")::text), ',"country":null') || ',"extra":') || (coalesce(t4.extra::text, '{}') || ',"masked":[]')))) END || (',"provenance":' || 
(SELECT ((coalesce(('{"name":' || 
(SELECT
CASE WHEN t6.entry IS NOT NULL OR EXISTS 
(SELECT
FROM api.source_record t10
WHERE t10.golden_id = t4.id AND t10.values ? 'name') THEN (((coalesce(('{"value":' || to_json(t4."name")::text), '{"value":null') || (coalesce((',"system":' || to_json(coalesce(t7.system,
CASE WHEN nullif((t6.entry ->> 1)::bigint, 0) IS NOT NULL THEN 'steward' END))::text), ',"system":null') || coalesce((',"object":' || to_json(t7.object)::text), ',"object":null'))) || (coalesce((',"externalId":' || to_json(t7.external_id)::text), ',"externalId":null') || (coalesce((',"observedAt":' || to_json(CASE WHEN t7.id IS NOT NULL THEN coalesce(t7.since ->> 'name', t7.since ->> '*')
ELSE to_char(t8.made_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') END)::text), ',"observedAt":null') || coalesce((',"rule":' || to_json((t6.entry ->> 2))::text), ',"rule":null')))) || ((',"owner":"crm","owners":["crm","erp","psa","bill"],"provisional":' || (coalesce(t6.entry ->> 3, 'false') || ',"masked":false')) || ((CASE WHEN t8.id IS NOT NULL THEN (',"decision":' || (coalesce(('{"id":' || to_json(t8.id::text)::text), '{"id":null') || '}'))
ELSE ',"decision":null' END || ',"alternates":') || (
(SELECT coalesce('[' || string_agg(((coalesce(('{"value":' || (nullif(t9.values -> 'name', 'null'))::text), '{"value":null') || coalesce((',"system":' || to_json(t9.system)::text), ',"system":null')) || (coalesce((',"externalId":' || to_json(t9.external_id)::text), ',"externalId":null') || '}')), ','
ORDER BY t9.id) || ']', '[]')
FROM api.source_record t9
WHERE t9.golden_id = t4.id AND t9.values ? 'name' AND t9.id IS DISTINCT
FROM t7.id) || '}')))) END
FROM 
(SELECT coalesce(t5.lineage -> 'name',
CASE WHEN t4."name" IS NOT NULL THEN t5.lineage -> '*' END) AS entry) AS t6
LEFT JOIN api.source_record t7 ON t7.id = (t6.entry ->> 0)::bigint AND t7.golden_id = t4.id
LEFT JOIN api.decision t8 ON t8.id = nullif((t6.entry ->> 1)::bigint, 0))), '{"name":null') || (coalesce((',"legalName":' || 
(SELECT
CASE WHEN t11.entry IS NOT NULL OR EXISTS 
(SELECT
FROM api.source_record t14
WHERE t14.golden_id = t4.id AND t14.values ? 'legal_name') THEN ((coalesce(('{"value":' || to_json(t4."legal_name")::text), '{"value":null') || coalesce((',"system":' || to_json(coalesce(t12.system,
CASE WHEN nullif((t11.entry ->> 1)::bigint, 0) IS NOT NULL THEN 'steward' END))::text), ',"system":null')) || (coalesce((',"rule":' || to_json((t11.entry ->> 2))::text), ',"rule":null') || ',"owner":"erp"}')) END
FROM 
(SELECT coalesce(t5.lineage -> 'legal_name',
CASE WHEN t4."legal_name" IS NOT NULL THEN t5.lineage -> '*' END) AS entry) AS t11
LEFT JOIN api.source_record t12 ON t12.id = (t11.entry ->> 0)::bigint AND t12.golden_id = t4.id)), ',"legalName":null') || coalesce((',"duns":' || 
(SELECT
CASE WHEN t15.entry IS NOT NULL OR EXISTS 
(SELECT
FROM api.source_record t18
WHERE t18.golden_id = t4.id AND t18.values ? 'duns') THEN (coalesce(('{"value":' || to_json(t4."duns")::text), '{"value":null') || '}') END
FROM 
(SELECT coalesce(t5.lineage -> 'duns',
CASE WHEN t4."duns" IS NOT NULL THEN t5.lineage -> '*' END) AS entry) AS t15
LEFT JOIN api.source_record t16 ON t16.id = (t15.entry ->> 0)::bigint AND t16.golden_id = t4.id)), ',"duns":null'))) || (',"extra":' || (
(SELECT coalesce('[' || string_agg((coalesce(('{"name":' || to_json(substr(t19.k, 7))::text), '{"name":null') || (coalesce((',"provenance":' || 
(SELECT
CASE WHEN t21.entry IS NOT NULL OR EXISTS 
(SELECT
FROM api.source_record t25
WHERE t25.golden_id = t4.id AND t25.values ? t19.k) THEN ((coalesce(('{"value":' || (nullif(t4.extra -> substr(t19.k, 7), 'null'))::text), '{"value":null') || (coalesce((',"system":' || to_json(coalesce(t22.system,
CASE WHEN nullif((t21.entry ->> 1)::bigint, 0) IS NOT NULL THEN 'steward' END))::text), ',"system":null') || coalesce((',"rule":' || to_json((t21.entry ->> 2))::text), ',"rule":null'))) || (',"alternates":' || (
(SELECT coalesce('[' || string_agg((coalesce(('{"value":' || (nullif(t24.values -> t19.k, 'null'))::text), '{"value":null') || (coalesce((',"system":' || to_json(t24.system)::text), ',"system":null') || '}')), ','
ORDER BY t24.id) || ']', '[]')
FROM api.source_record t24
WHERE t24.golden_id = t4.id AND t24.values ? t19.k AND t24.id IS DISTINCT
FROM t22.id) || '}'))) END
FROM 
(SELECT coalesce(t5.lineage -> t19.k,
CASE WHEN nullif(t4.extra -> substr(t19.k, 7), 'null') IS NOT NULL THEN t5.lineage -> '*' END) AS entry) AS t21
LEFT JOIN api.source_record t22 ON t22.id = (t21.entry ->> 0)::bigint AND t22.golden_id = t4.id)), ',"provenance":null') || '}')), ','
ORDER BY t19.k COLLATE "C") || ']', '[]')
FROM 
(SELECT jsonb_object_keys(t5.lineage) AS k
UNION SELECT jsonb_object_keys(t20.values)
FROM api.source_record t20
WHERE t20.golden_id = t4.id) AS t19
WHERE starts_with(t19.k, 'extra.') AND (coalesce(t5.lineage -> t19.k,
CASE WHEN nullif(t4.extra -> substr(t19.k, 7), 'null') IS NOT NULL THEN t5.lineage -> '*' END) IS NOT NULL OR EXISTS 
(SELECT
FROM api.source_record t26
WHERE t26.golden_id = t4.id AND t26.values ? t19.k))) || '}')))
FROM 
(SELECT coalesce(
(SELECT t27.lineage
FROM api.client_version t27
WHERE t27.id = t4.id AND t27.version = t4.version), '{}') AS lineage) AS t5))) || (',"sources":' || (
(SELECT coalesce('[' || string_agg((((coalesce(('{"system":' || to_json(t28.system)::text), '{"system":null') || coalesce((',"kind":' || to_json(
(SELECT y.kind
FROM api.system y
WHERE y.name = t28.system))::text), ',"kind":null')) || (coalesce((',"object":' || to_json(t28.object)::text), ',"object":null') || (coalesce((',"externalId":' || to_json(t28.external_id)::text), ',"externalId":null') || coalesce((',"deepLink":' || to_json(replace(nullif(
(SELECT y.deep_links ->> t28.object
FROM api.system y
WHERE y.name = t28.system), ''), '{id}', coalesce(
(SELECT string_agg(CASE WHEN c ~ '^[A-Za-z0-9_.~-]$' THEN c
ELSE regexp_replace(upper(encode(convert_to(c, 'UTF8'), 'hex')), '(..)', '%\1', 'g') END, ''
ORDER BY n)
FROM regexp_split_to_table(t28.external_id, '') WITH ORDINALITY AS letters (c, n)), '')))::text), ',"deepLink":null')))) || ((coalesce((',"part":' || to_json(t28.part)::text), ',"part":null') || (coalesce((',"state":' || to_json(t28.state)::text), ',"state":null') || coalesce((',"role":' || to_json(t28.role)::text), ',"role":null'))) || (',"values":' || (coalesce(t28.values, '{}')::text || '}')))), ','
ORDER BY t28.id) || ']', '[]')
FROM api.source_record t28
WHERE t28.golden_id = t4.id) || ',"contacts":'))) || ((
(SELECT (('{"totalCount":' || 
(SELECT count(*)
FROM api.contact AS t30
WHERE t30.client_id = t4.id)::text) || (',"nodes":' || (coalesce('[' || string_agg((CASE WHEN t29.plain_version = t29.version THEN (coalesce(('{"givenName":"' || (t29."given_name" || '"')), '{"givenName":null') || coalesce((',"familyName":"' || (t29."family_name" || '"')), ',"familyName":null'))
ELSE (coalesce(('{"givenName":' || to_json(t29."given_name")::text), '{"givenName":null') || coalesce((',"familyName":' || to_json(t29."family_name")::text), ',"familyName":null')) END || '}'), ',') || ']', '[]') || '}')))
FROM 
(SELECT t31.*
FROM api.contact AS t31
WHERE t31.client_id = t4.id
ORDER BY t31."id" ASC LIMIT 20) AS t29) || (',"contracts":' || 
(SELECT ('{"edges":' || (coalesce('[' || string_agg(('{"node":' || ((CASE WHEN t32.plain_version = t32.version THEN (coalesce(('{"contractNo":"' || (t32."contract_no" || '"')), '{"contractNo":null') || (CASE WHEN t32."total_value" IS NOT NULL THEN ((',"totalValue":{"amount":"' || t32."total_value"::text) || ('"' || (coalesce((',"currency":"' || (t32."total_value_currency" || '"')), ',"currency":null') || '}')))
ELSE ',"totalValue":null' END || coalesce((',"startDate":"' || (t32."start_date"::text || '"')), ',"startDate":null')))
ELSE (coalesce(('{"contractNo":' || to_json(t32."contract_no")::text), '{"contractNo":null') || (CASE WHEN t32."total_value" IS NOT NULL THEN ((',"totalValue":{"amount":"' || t32."total_value"::text) || ('"' || (coalesce((',"currency":' || to_json(t32."total_value_currency")::text), ',"currency":null') || '}')))
ELSE ',"totalValue":null' END || coalesce((',"startDate":"' || (t32."start_date"::text || '"')), ',"startDate":null'))) END || '}') || '}')), ',') || ']', '[]') || '}'))
FROM 
(SELECT t33.*
FROM api.contract AS t33
WHERE t33.client_id = t4.id
ORDER BY t33."contract_no" ASC, t33."id" ASC LIMIT 20) AS t32))) || (',"projects":' || (
(SELECT ('{"nodes":' || (coalesce('[' || string_agg(((CASE WHEN t34.plain_version = t34.version THEN (coalesce(('{"code":"' || (t34."code" || '"')), '{"code":null') || coalesce((',"name":"' || (t34."name" || '"')), ',"name":null'))
ELSE (coalesce(('{"code":' || to_json(t34."code")::text), '{"code":null') || coalesce((',"name":' || to_json(t34."name")::text), ',"name":null')) END || (coalesce((',"contract":' || 
(SELECT (CASE WHEN t35.plain_version = t35.version THEN coalesce(('{"contractNo":"' || (t35."contract_no" || '"')), '{"contractNo":null')
ELSE coalesce(('{"contractNo":' || to_json(t35."contract_no")::text), '{"contractNo":null') END || (coalesce((',"client":' || 
(SELECT (CASE WHEN t36.plain_version = t36.version THEN coalesce(('{"name":"' || (t36."name" || '"')), '{"name":null')
ELSE coalesce(('{"name":' || to_json(t36."name")::text), '{"name":null') END || '}')
FROM api.client AS t36
WHERE t36.id = t35.client_id)), ',"client":null') || '}'))
FROM api.contract AS t35
WHERE t35.id = t34.contract_id)), ',"contract":null') || coalesce((',"manager":' || 
(SELECT (CASE WHEN t37.plain_version = t37.version THEN (coalesce(('{"familyName":"' || (t37."family_name" || '"')), '{"familyName":null') || ',"costRate":null,"masked":["costRate"]')
ELSE (coalesce(('{"familyName":' || to_json(t37."family_name")::text), '{"familyName":null') || ',"costRate":null,"masked":["costRate"]') END || '}')
FROM api.resource AS t37
WHERE t37.id = t34.manager_id)), ',"manager":null'))) || (',"timeEntries":' || (
(SELECT (('{"totalCount":' || (
(SELECT count(*)
FROM api.time_entry AS t39
WHERE t39.project_id = t34.id)::text || ',"nodes":')) || ((coalesce('[' || string_agg((CASE WHEN t38.plain_version = t38.version THEN (coalesce(('{"workDate":"' || (t38."work_date"::text || '"')), '{"workDate":null') || (CASE WHEN t38."quantity" IS NOT NULL THEN ((',"quantity":{"value":"' || (trim_scale(t38."quantity")::text || '"')) || (coalesce((',"unit":"' || (t38."quantity_unit" || '"')), ',"unit":null') || (coalesce((',"stated":"' || (t38."quantity_stated" || '"')), ',"stated":null') || '}')))
ELSE ',"quantity":null' END || coalesce((',"billable":' || t38."billable"::text), ',"billable":null')))
ELSE (coalesce(('{"workDate":"' || (t38."work_date"::text || '"')), '{"workDate":null') || (CASE WHEN t38."quantity" IS NOT NULL THEN ((',"quantity":{"value":"' || (trim_scale(t38."quantity")::text || '"')) || (coalesce((',"unit":' || to_json(t38."quantity_unit")::text), ',"unit":null') || (coalesce((',"stated":' || to_json(t38."quantity_stated")::text), ',"stated":null') || '}')))
ELSE ',"quantity":null' END || coalesce((',"billable":' || t38."billable"::text), ',"billable":null'))) END || (coalesce((',"resource":' || 
(SELECT ('{"id":"' || (t40.id::text || '"}'))
FROM api.resource AS t40
WHERE t40.id = t38.resource_id)), ',"resource":null') || '}')), ',') FILTER (WHERE t38.rn_ <= 5) || ']', '[]') || ',"pageInfo":{"hasNextPage":') || ((count(*) > 5)::text || ',"hasPreviousPage":false}}')))
FROM 
(SELECT t42.*, row_number() OVER () AS rn_, count(*) OVER () AS total_
FROM 
(SELECT t41.*
FROM api.time_entry AS t41
WHERE t41.project_id = t34.id
ORDER BY t41."work_date" DESC NULLS LAST, t41."id" ASC LIMIT 6) AS t42) AS t38) || '}'))), ',') || ']', '[]') || '}'))
FROM 
(SELECT t43.*
FROM api.project AS t43
WHERE t43.client_id = t4.id
ORDER BY t43."id" ASC LIMIT 20) AS t34) || '}'))))
FROM api.client AS t4
WHERE t4.id =
CASE WHEN EXISTS 
(SELECT
FROM api.client AS t1
WHERE t1.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t2 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $1::uuid
UNION ALL SELECT t3.survivor_id, t2.steps + 1
FROM t2 JOIN api.forward AS t3 ON t3.loser_id = t2.survivor
WHERE t2.steps < 20) SELECT survivor
FROM t2
ORDER BY steps DESC LIMIT 1) END), 'null'), 'UTF8')
