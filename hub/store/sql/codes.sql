-- Code maps of systems: how many, what they say, who said so.

-- maps --
-- Every map there is: codes per system and set, and how many of them are open.
SELECT system, code_set, count(*) AS codes, count(DISTINCT ours) AS ours
  FROM hub.code_map
 WHERE tenant_id = :tenant
 GROUP BY system, code_set
 ORDER BY code_set, system;

-- entries --
SELECT theirs, ours, direction, is_default
  FROM hub.code_map
 WHERE tenant_id = :tenant AND system = :system AND code_set = :code_set
 ORDER BY ours, theirs;

-- history --
-- Who mapped which code of a set, newest first; what a connection document brought is not among it.
SELECT a.id, a.actor, a.made_at, a.undone_at, a.undone_by, a.given ->> 'theirs' AS theirs, a.given ->> 'ours' AS ours,
       a.inverse -> 'before' ->> 'ours' AS before
  FROM hub.action a
 WHERE a.tenant_id = :tenant AND a.kind = 'map_code' AND a.given ->> 'system' = :system
   AND coalesce(a.given ->> 'code_set', a.given ->> 'set') = :code_set
 ORDER BY a.id DESC
 LIMIT 100;

-- spoken --
-- What the systems call one code of ours.
SELECT system, theirs, direction FROM hub.code_map WHERE tenant_id = :tenant AND code_set = :code_set AND ours = :ours ORDER BY system, theirs;
