-- How clients belong together: one tree per kind of relationship, read on a business day.

-- edges_up --
-- The edges in force on :day that lead up from these clients; kind null: of every kind. The newest first where two overlap.
SELECT r.id, r.from_client_id AS child, r.to_client_id AS parent, r.kind, r.share, r.valid_from, r.valid_to, c.name
  FROM golden.client_relationship r
  JOIN golden.client c ON c.tenant_id = r.tenant_id AND c.id = r.to_client_id
 WHERE r.tenant_id = :tenant AND r.from_client_id = ANY (CAST(:ids AS uuid[])) AND r.record_state = 'active'
   AND (CAST(:kind AS text) IS NULL OR r.kind = :kind)
   AND coalesce(r.valid_from, '-infinity') <= CAST(:day AS date) AND coalesce(r.valid_to, 'infinity') >= :day
 ORDER BY r.kind, r.valid_from DESC NULLS LAST, r.id DESC;

-- children --
-- For each of these clients a page of those right below it, by name; :after is the last one that was seen.
SELECT p.parent, e.*
  FROM unnest(CAST(:ids AS uuid[])) AS p (parent)
 CROSS JOIN LATERAL (
       SELECT r.id, r.from_client_id AS child, r.kind, r.share, r.valid_from, r.valid_to, c.name, c.country, c.state,
              EXISTS (SELECT FROM golden.client_relationship d
                       WHERE d.tenant_id = r.tenant_id AND d.to_client_id = r.from_client_id AND d.kind = r.kind
                         AND d.record_state = 'active'
                         AND coalesce(d.valid_from, '-infinity') <= CAST(:day AS date)
                         AND coalesce(d.valid_to, 'infinity') >= :day) AS has_children
         FROM golden.client_relationship r
         JOIN golden.client c ON c.tenant_id = r.tenant_id AND c.id = r.from_client_id
        WHERE r.tenant_id = :tenant AND r.to_client_id = p.parent AND r.kind = :kind AND r.record_state = 'active'
          AND coalesce(r.valid_from, '-infinity') <= :day AND coalesce(r.valid_to, 'infinity') >= :day
          AND (CAST(:after AS uuid) IS NULL
               OR (lower(c.name), c.id) > (SELECT lower(n.name), n.id FROM golden.client n
                                            WHERE n.tenant_id = :tenant AND n.id = :after))
        ORDER BY lower(c.name), c.id
        LIMIT CAST(:most AS integer)
       ) e
 ORDER BY p.parent, lower(e.name), e.child;

-- ways_up --
-- From each of these clients to the top of its tree, step by step; a way ends where a step would come back.
WITH RECURSIVE up AS (
    SELECT a.id AS asked, a.id, 0 AS depth, ARRAY[a.id] AS way
      FROM unnest(CAST(:ids AS uuid[])) AS a (id)
    UNION ALL
    SELECT up.asked, e.parent, up.depth + 1, up.way || e.parent
      FROM up
     CROSS JOIN LATERAL (
           SELECT r.to_client_id AS parent
             FROM golden.client_relationship r
            WHERE r.tenant_id = :tenant AND r.from_client_id = up.id AND r.kind = :kind AND r.record_state = 'active'
              AND coalesce(r.valid_from, '-infinity') <= CAST(:day AS date)
              AND coalesce(r.valid_to, 'infinity') >= :day
            ORDER BY r.valid_from DESC NULLS LAST, r.id DESC
            LIMIT 1
           ) e
     WHERE up.depth < 100 AND e.parent <> ALL (up.way)
)
SELECT up.asked, up.id, up.depth, c.name
  FROM up
  JOIN golden.client c ON c.tenant_id = :tenant AND c.id = up.id
 ORDER BY up.asked, up.depth;

-- below --
-- Each of these clients and everything below it in one tree, at most :most of them together.
WITH RECURSIVE down AS (
    SELECT a.id AS root, a.id, 0 AS depth
      FROM unnest(CAST(:ids AS uuid[])) AS a (id)
    UNION
    SELECT down.root, r.from_client_id, down.depth + 1
      FROM down
      JOIN golden.client_relationship r
        ON r.tenant_id = :tenant AND r.to_client_id = down.id AND r.kind = :kind AND r.record_state = 'active'
       AND coalesce(r.valid_from, '-infinity') <= CAST(:day AS date) AND coalesce(r.valid_to, 'infinity') >= :day
     WHERE down.depth < 100
)
SELECT root, id, min(depth) AS depth
  FROM (SELECT root, id, depth FROM down LIMIT CAST(:most AS integer) + 1) d
 GROUP BY root, id;

-- kinds --
-- In which trees these clients stand, with how many are right below and whether somebody is above.
SELECT client_id, kind, count(*) FILTER (WHERE way = 'down') AS children, bool_or(way = 'up') AS has_parent
  FROM (SELECT from_client_id AS client_id, kind, 'up' AS way, valid_from, valid_to
          FROM golden.client_relationship
         WHERE tenant_id = :tenant AND from_client_id = ANY (CAST(:ids AS uuid[])) AND record_state = 'active'
        UNION ALL
        SELECT to_client_id, kind, 'down', valid_from, valid_to
          FROM golden.client_relationship
         WHERE tenant_id = :tenant AND to_client_id = ANY (:ids) AND record_state = 'active') e
 WHERE coalesce(valid_from, '-infinity') <= CAST(:day AS date) AND coalesce(valid_to, 'infinity') >= :day
 GROUP BY client_id, kind
 ORDER BY client_id, kind;

-- stakes --
-- What hangs on these clients: open receivables and unbilled items per currency, active projects and signed contracts. Items are
-- added up project by project: for a large tree the planner would rather read all items there are.
SELECT 'receivable' AS measure, i.client_id, i.open_amount_currency AS currency, sum(i.open_amount) AS amount, count(*) AS count
  FROM golden.invoice i
 WHERE i.tenant_id = :tenant AND i.client_id = ANY (CAST(:ids AS uuid[])) AND i.open_amount <> 0
   AND i.record_state = 'active' AND i.state IN ('issued', 'posted', 'part_paid')
 GROUP BY i.client_id, i.open_amount_currency
UNION ALL
SELECT 'receivable', m.client_id, m.open_amount_currency, sum(m.open_amount), count(*)
  FROM golden.credit_memo m
 WHERE m.tenant_id = :tenant AND m.client_id = ANY (CAST(:ids AS uuid[])) AND m.open_amount <> 0
   AND m.record_state = 'active' AND m.state IN ('issued', 'posted', 'part_paid')
 GROUP BY m.client_id, m.open_amount_currency
UNION ALL
SELECT 'unbilled', p.client_id, b.currency, sum(b.amount), CAST(sum(b.count) AS bigint)
  FROM golden.project p
 CROSS JOIN LATERAL (
       SELECT x.amount_currency AS currency, sum(x.amount) AS amount, count(*) AS count
         FROM golden.billable_item x
        WHERE x.tenant_id = p.tenant_id AND x.project_id = p.id AND x.record_state = 'active'
          AND x.state IN ('open', 'held', 'ready', 'drafted')
        GROUP BY x.amount_currency
       ) b
 WHERE p.tenant_id = :tenant AND p.client_id = ANY (CAST(:ids AS uuid[]))
 GROUP BY p.client_id, b.currency
UNION ALL
SELECT 'project', p.client_id, NULL, NULL, count(*)
  FROM golden.project p
 WHERE p.tenant_id = :tenant AND p.client_id = ANY (CAST(:ids AS uuid[])) AND p.record_state = 'active' AND p.state = 'active'
 GROUP BY p.client_id
UNION ALL
SELECT 'contract', k.client_id, NULL, NULL, count(*)
  FROM golden.contract k
 WHERE k.tenant_id = :tenant AND k.client_id = ANY (CAST(:ids AS uuid[])) AND k.record_state = 'active'
   AND k.state IN ('signed', 'active', 'suspended')
 GROUP BY k.client_id;
