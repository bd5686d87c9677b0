SELECT convert_to(coalesce(
(SELECT (('{"newest":' || 
(SELECT (('{"totalCount":' || (
(SELECT count(*)
FROM api.change AS t6
WHERE t6.golden_id = t4.id)::text || ',"nodes":')) || ((coalesce('[' || string_agg((('{"version":' || t5.version::text) || (coalesce((',"op":' || to_json(t5.op)::text), ',"op":null') || '}')), ',') FILTER (WHERE t5.rn_ <= 1) || ']', '[]') || ',"pageInfo":{"hasNextPage":') || ((count(*) > 1)::text || '}}')))
FROM 
(SELECT t8.*, row_number() OVER () AS rn_, count(*) OVER () AS total_
FROM 
(SELECT t7.*
FROM api.change AS t7
WHERE t7.golden_id = t4.id
ORDER BY t7."version" DESC LIMIT 2) AS t8) AS t5)) || (',"all":' || (
(SELECT ('{"nodes":' || (coalesce('[' || string_agg(((('{"version":' || (t9.version::text || coalesce((',"op":' || to_json(t9.op)::text), ',"op":null'))) || (coalesce((',"cause":' || to_json(t9.cause)::text), ',"cause":null') || (coalesce((',"actor":' || to_json(t9.actor)::text), ',"actor":null') || coalesce((',"correlationId":' || to_json(t9.correlation_id)::text), ',"correlationId":null')))) || ((',"backfill":' || (t9.is_backfill::text || coalesce((',"at":"' || (to_char(t9.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || '"')), ',"at":null'))) || ((',"fields":' || 
(SELECT coalesce('[' || string_agg(((coalesce(('{"field":' || to_json(
(SELECT string_agg(CASE WHEN i = 1 THEN w
ELSE upper(left(w, 1)) || substr(w, 2) END, ''
ORDER BY i)
FROM unnest(string_to_array(t10.k, '_')) WITH ORDINALITY AS words (w, i)))::text), '{"field":null') || coalesce((',"before":' || (nullif(t9.before -> t10.k, 'null'))::text), ',"before":null')) || (coalesce((',"after":' || (nullif(t9.after -> t10.k, 'null'))::text), ',"after":null') || '}')), ','
ORDER BY t10.k COLLATE "C") || ']', '[]')
FROM 
(SELECT jsonb_object_keys(t9.before) AS k
UNION SELECT jsonb_object_keys(t9.after)) AS t10)) || (coalesce((',"record":' || 
(SELECT (('{"id":"' || t11.id::text) || ('","version":' || (t11.version::text || '}')))
FROM api.client AS t11
WHERE t11.id = t9.golden_id)), ',"record":null') || '}')))), ',') || ']', '[]') || '}'))
FROM 
(SELECT t12.*
FROM api.change AS t12
WHERE t12.golden_id = t4.id
ORDER BY t12."version" ASC LIMIT 20) AS t9) || '}')))
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
