SELECT convert_to(coalesce(
(SELECT (CASE WHEN t2.plain_version = t2.version THEN (('{"id":"' || t2.id::text) || ('"' || coalesce((',"name":"' || (t2."name" || '"')), ',"name":null')))
ELSE (('{"id":"' || t2.id::text) || ('"' || coalesce((',"name":' || to_json(t2."name")::text), ',"name":null'))) END || '}')
FROM api.client AS t2
WHERE t2.id =
CASE WHEN EXISTS 
(SELECT
FROM api.client AS t3
WHERE t3.id = 
(SELECT t1.golden_id
FROM api.source_record t1
WHERE t1.system = $1::text AND t1.external_id = $2::text AND t1.object = $3::text AND t1.entity = 'client' AND t1.golden_id IS NOT NULL
ORDER BY t1.state <> 'present', t1.id LIMIT 1)) THEN 
(SELECT t1.golden_id
FROM api.source_record t1
WHERE t1.system = $1::text AND t1.external_id = $2::text AND t1.object = $3::text AND t1.entity = 'client' AND t1.golden_id IS NOT NULL
ORDER BY t1.state <> 'present', t1.id LIMIT 1)
ELSE (WITH RECURSIVE t4 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = 
(SELECT t1.golden_id
FROM api.source_record t1
WHERE t1.system = $1::text AND t1.external_id = $2::text AND t1.object = $3::text AND t1.entity = 'client' AND t1.golden_id IS NOT NULL
ORDER BY t1.state <> 'present', t1.id LIMIT 1)
UNION ALL SELECT t5.survivor_id, t4.steps + 1
FROM t4 JOIN api.forward t5 ON t5.loser_id = t4.survivor
WHERE t4.steps < 20) SELECT survivor
FROM t4
ORDER BY steps DESC LIMIT 1) END), 'null'), 'UTF8'), convert_to(coalesce(
(SELECT ('{"id":"' || (t7.id::text || '"}'))
FROM api.client AS t7
WHERE t7.id =
CASE WHEN EXISTS 
(SELECT
FROM api.client AS t8
WHERE t8.id = 
(SELECT t6.golden_id
FROM api.source_record t6
WHERE t6.system = $4::text AND t6.external_id = $5::text AND t6.entity = 'client' AND t6.golden_id IS NOT NULL
ORDER BY t6.state <> 'present', t6.id LIMIT 1)) THEN 
(SELECT t6.golden_id
FROM api.source_record t6
WHERE t6.system = $4::text AND t6.external_id = $5::text AND t6.entity = 'client' AND t6.golden_id IS NOT NULL
ORDER BY t6.state <> 'present', t6.id LIMIT 1)
ELSE (WITH RECURSIVE t9 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = 
(SELECT t6.golden_id
FROM api.source_record t6
WHERE t6.system = $4::text AND t6.external_id = $5::text AND t6.entity = 'client' AND t6.golden_id IS NOT NULL
ORDER BY t6.state <> 'present', t6.id LIMIT 1)
UNION ALL SELECT t10.survivor_id, t9.steps + 1
FROM t9 JOIN api.forward t10 ON t10.loser_id = t9.survivor
WHERE t9.steps < 20) SELECT survivor
FROM t9
ORDER BY steps DESC LIMIT 1) END), 'null'), 'UTF8'), convert_to(coalesce(
(SELECT ('{"id":"' || (t12.id::text || '"}'))
FROM api.client AS t12
WHERE t12.id =
CASE WHEN EXISTS 
(SELECT
FROM api.client AS t13
WHERE t13.id = 
(SELECT t11.golden_id
FROM api.source_record t11
WHERE t11.system = $6::text AND t11.external_id = $7::text AND t11.object = $8::text AND t11.entity = 'client' AND t11.golden_id IS NOT NULL
ORDER BY t11.state <> 'present', t11.id LIMIT 1)) THEN 
(SELECT t11.golden_id
FROM api.source_record t11
WHERE t11.system = $6::text AND t11.external_id = $7::text AND t11.object = $8::text AND t11.entity = 'client' AND t11.golden_id IS NOT NULL
ORDER BY t11.state <> 'present', t11.id LIMIT 1)
ELSE (WITH RECURSIVE t14 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = 
(SELECT t11.golden_id
FROM api.source_record t11
WHERE t11.system = $6::text AND t11.external_id = $7::text AND t11.object = $8::text AND t11.entity = 'client' AND t11.golden_id IS NOT NULL
ORDER BY t11.state <> 'present', t11.id LIMIT 1)
UNION ALL SELECT t15.survivor_id, t14.steps + 1
FROM t14 JOIN api.forward t15 ON t15.loser_id = t14.survivor
WHERE t14.steps < 20) SELECT survivor
FROM t14
ORDER BY steps DESC LIMIT 1) END), 'null'), 'UTF8'), convert_to(coalesce(
(SELECT ('{"id":"' || (t17.id::text || '"}'))
FROM api.client AS t17
WHERE t17.id =
CASE WHEN EXISTS 
(SELECT
FROM api.client AS t18
WHERE t18.id = 
(SELECT t16.golden_id
FROM api.source_record t16
WHERE t16.system = $9::text AND t16.external_id = $10::text AND t16.entity = 'client' AND t16.golden_id IS NOT NULL
ORDER BY t16.state <> 'present', t16.id LIMIT 1)) THEN 
(SELECT t16.golden_id
FROM api.source_record t16
WHERE t16.system = $9::text AND t16.external_id = $10::text AND t16.entity = 'client' AND t16.golden_id IS NOT NULL
ORDER BY t16.state <> 'present', t16.id LIMIT 1)
ELSE (WITH RECURSIVE t19 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = 
(SELECT t16.golden_id
FROM api.source_record t16
WHERE t16.system = $9::text AND t16.external_id = $10::text AND t16.entity = 'client' AND t16.golden_id IS NOT NULL
ORDER BY t16.state <> 'present', t16.id LIMIT 1)
UNION ALL SELECT t20.survivor_id, t19.steps + 1
FROM t19 JOIN api.forward t20 ON t20.loser_id = t19.survivor
WHERE t19.steps < 20) SELECT survivor
FROM t19
ORDER BY steps DESC LIMIT 1) END), 'null'), 'UTF8')
