SELECT convert_to(coalesce(
(SELECT (CASE WHEN t5.plain_version = t5.version THEN (('{"id":"' || t5.id::text) || ('"' || coalesce((',"name":"' || (t5."name" || '"')), ',"name":null')))
ELSE (('{"id":"' || t5.id::text) || ('"' || coalesce((',"name":' || to_json(t5."name")::text), ',"name":null'))) END || '}')
FROM api.client AS t5
WHERE t5.id =
CASE WHEN EXISTS 
(SELECT
FROM api.client AS t2
WHERE t2.id = 
(SELECT t1.golden_id
FROM api.source_record t1
WHERE t1.system = $1::text AND t1.external_id = $2::text AND t1.object = $3::text AND t1.entity = 'client' AND t1.golden_id IS NOT NULL
ORDER BY t1.state <> 'present', t1.id LIMIT 1)) THEN 
(SELECT t1.golden_id
FROM api.source_record t1
WHERE t1.system = $1::text AND t1.external_id = $2::text AND t1.object = $3::text AND t1.entity = 'client' AND t1.golden_id IS NOT NULL
ORDER BY t1.state <> 'present', t1.id LIMIT 1)
ELSE (WITH RECURSIVE t3 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = 
(SELECT t1.golden_id
FROM api.source_record t1
WHERE t1.system = $1::text AND t1.external_id = $2::text AND t1.object = $3::text AND t1.entity = 'client' AND t1.golden_id IS NOT NULL
ORDER BY t1.state <> 'present', t1.id LIMIT 1)
UNION ALL SELECT t4.survivor_id, t3.steps + 1
FROM t3 JOIN api.forward AS t4 ON t4.loser_id = t3.survivor
WHERE t3.steps < 20) SELECT survivor
FROM t3
ORDER BY steps DESC LIMIT 1) END), 'null'), 'UTF8'), convert_to(coalesce(
(SELECT ('{"id":"' || (t10.id::text || '"}'))
FROM api.client AS t10
WHERE t10.id =
CASE WHEN EXISTS 
(SELECT
FROM api.client AS t7
WHERE t7.id = 
(SELECT t6.golden_id
FROM api.source_record t6
WHERE t6.system = $4::text AND t6.external_id = $5::text AND t6.entity = 'client' AND t6.golden_id IS NOT NULL
ORDER BY t6.state <> 'present', t6.id LIMIT 1)) THEN 
(SELECT t6.golden_id
FROM api.source_record t6
WHERE t6.system = $4::text AND t6.external_id = $5::text AND t6.entity = 'client' AND t6.golden_id IS NOT NULL
ORDER BY t6.state <> 'present', t6.id LIMIT 1)
ELSE (WITH RECURSIVE t8 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = 
(SELECT t6.golden_id
FROM api.source_record t6
WHERE t6.system = $4::text AND t6.external_id = $5::text AND t6.entity = 'client' AND t6.golden_id IS NOT NULL
ORDER BY t6.state <> 'present', t6.id LIMIT 1)
UNION ALL SELECT t9.survivor_id, t8.steps + 1
FROM t8 JOIN api.forward AS t9 ON t9.loser_id = t8.survivor
WHERE t8.steps < 20) SELECT survivor
FROM t8
ORDER BY steps DESC LIMIT 1) END), 'null'), 'UTF8'), convert_to(coalesce(
(SELECT ('{"id":"' || (t15.id::text || '"}'))
FROM api.client AS t15
WHERE t15.id =
CASE WHEN EXISTS 
(SELECT
FROM api.client AS t12
WHERE t12.id = 
(SELECT t11.golden_id
FROM api.source_record t11
WHERE t11.system = $6::text AND t11.external_id = $7::text AND t11.object = $8::text AND t11.entity = 'client' AND t11.golden_id IS NOT NULL
ORDER BY t11.state <> 'present', t11.id LIMIT 1)) THEN 
(SELECT t11.golden_id
FROM api.source_record t11
WHERE t11.system = $6::text AND t11.external_id = $7::text AND t11.object = $8::text AND t11.entity = 'client' AND t11.golden_id IS NOT NULL
ORDER BY t11.state <> 'present', t11.id LIMIT 1)
ELSE (WITH RECURSIVE t13 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = 
(SELECT t11.golden_id
FROM api.source_record t11
WHERE t11.system = $6::text AND t11.external_id = $7::text AND t11.object = $8::text AND t11.entity = 'client' AND t11.golden_id IS NOT NULL
ORDER BY t11.state <> 'present', t11.id LIMIT 1)
UNION ALL SELECT t14.survivor_id, t13.steps + 1
FROM t13 JOIN api.forward AS t14 ON t14.loser_id = t13.survivor
WHERE t13.steps < 20) SELECT survivor
FROM t13
ORDER BY steps DESC LIMIT 1) END), 'null'), 'UTF8'), convert_to(coalesce(
(SELECT ('{"id":"' || (t20.id::text || '"}'))
FROM api.client AS t20
WHERE t20.id =
CASE WHEN EXISTS 
(SELECT
FROM api.client AS t17
WHERE t17.id = 
(SELECT t16.golden_id
FROM api.source_record t16
WHERE t16.system = $9::text AND t16.external_id = $10::text AND t16.entity = 'client' AND t16.golden_id IS NOT NULL
ORDER BY t16.state <> 'present', t16.id LIMIT 1)) THEN 
(SELECT t16.golden_id
FROM api.source_record t16
WHERE t16.system = $9::text AND t16.external_id = $10::text AND t16.entity = 'client' AND t16.golden_id IS NOT NULL
ORDER BY t16.state <> 'present', t16.id LIMIT 1)
ELSE (WITH RECURSIVE t18 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = 
(SELECT t16.golden_id
FROM api.source_record t16
WHERE t16.system = $9::text AND t16.external_id = $10::text AND t16.entity = 'client' AND t16.golden_id IS NOT NULL
ORDER BY t16.state <> 'present', t16.id LIMIT 1)
UNION ALL SELECT t19.survivor_id, t18.steps + 1
FROM t18 JOIN api.forward AS t19 ON t19.loser_id = t18.survivor
WHERE t18.steps < 20) SELECT survivor
FROM t18
ORDER BY steps DESC LIMIT 1) END), 'null'), 'UTF8')
