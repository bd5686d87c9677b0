-- What rules between records and financial gates look at.

-- of_rules --
-- Open warnings of these rules.
SELECT id
  FROM hub.task
 WHERE tenant_id = :tenant AND state = 'open' AND cause = 'rule_warning' AND detail ->> 'rule' = ANY (CAST(:rules AS text[]));

-- warned --
-- Records with open warnings of these rules, the longest unchanged first.
SELECT entity, golden_id, min(updated_at) AS looked_at
  FROM hub.task
 WHERE tenant_id = :tenant AND state = 'open' AND cause = 'rule_warning' AND detail ->> 'rule' = ANY (CAST(:rules AS text[]))
 GROUP BY entity, golden_id
 ORDER BY looked_at
 LIMIT :most;

-- upto --
-- How far the feed may be looked at: at most a stretch, and nothing younger than :grace_s, since what belongs together comes apart.
SELECT max(f.position) AS position
  FROM hub.feed f
  JOIN hub.change c ON c.tenant_id = f.tenant_id AND c.id = f.change_id
 WHERE f.tenant_id = :tenant AND f.position > :after AND f.position <= :upto
   AND c.at <= clock_timestamp() - make_interval(secs => CAST(:grace_s AS double precision));

-- changed --
-- What changed in a stretch of the feed: by record its fields, and whether it is only now there.
SELECT c.entity, c.golden_id, bool_or(c.op = 'create') AS is_new, array_agg(DISTINCT k.name) AS fields
  FROM hub.feed f
  JOIN hub.change c ON c.tenant_id = f.tenant_id AND c.id = f.change_id
  CROSS JOIN LATERAL (SELECT '' AS name UNION ALL SELECT jsonb_object_keys(c.after)) AS k
 WHERE f.tenant_id = :tenant AND f.position > :after AND f.position <= :upto
   AND c.entity = ANY (CAST(:entities AS text[]))
 GROUP BY c.entity, c.golden_id;
