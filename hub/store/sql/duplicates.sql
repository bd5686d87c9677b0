-- Transactions that look alike, and how far the feed has been looked at for them.

-- hold_finder --
-- A finder's place in the feed, held until the transaction ends; none while another worker holds it.
SELECT position
  FROM hub.finder
 WHERE tenant_id = :tenant AND name = :name
   FOR UPDATE SKIP LOCKED;

-- open_finder --
INSERT INTO hub.finder (tenant_id, name) VALUES (:tenant, :name) ON CONFLICT DO NOTHING;

-- move_finder --
UPDATE hub.finder
   SET position = :position, looked_at = clock_timestamp()
 WHERE tenant_id = :tenant AND name = :name;

-- feed_head --
SELECT coalesce(max(position), 0) FROM hub.feed_head WHERE tenant_id = :tenant;

-- changed_since --
-- The golden records of these entities that changed in a stretch of the feed.
SELECT DISTINCT c.entity, c.golden_id
  FROM hub.feed f
  JOIN hub.change c ON c.tenant_id = f.tenant_id AND c.id = f.change_id
 WHERE f.tenant_id = :tenant AND f.position > :after AND f.position <= :upto
   AND c.entity = ANY (CAST(:entities AS text[]));

-- keyed_alike --
-- Pairs of golden records under one match key.
SELECT DISTINCT a.golden_id, b.golden_id AS other_id
  FROM hub.match_key a
  JOIN hub.match_key b ON b.tenant_id = a.tenant_id AND b.entity = a.entity AND b.key = a.key AND b.golden_id <> a.golden_id
 WHERE a.tenant_id = :tenant AND a.entity = :entity AND a.golden_id = ANY (CAST(:golden_ids AS uuid[]));

-- systems_of --
-- Which systems hold these golden records.
SELECT golden_id, array_agg(DISTINCT system ORDER BY system) AS systems
  FROM hub.source_record
 WHERE tenant_id = :tenant AND golden_id = ANY (CAST(:golden_ids AS uuid[])) AND state = 'present'
 GROUP BY golden_id;

-- put --
-- Keep pairs that look alike. What a person has answered stands while the answer does; what had gone is open again.
INSERT INTO hub.duplicate AS d (tenant_id, entity, golden_id, other_id, rule, kind, score, parts, systems, money)
SELECT :tenant, g.entity, g.golden_id, g.other_id, g.rule, g.kind, g.score, g.parts, ARRAY(SELECT jsonb_array_elements_text(g.systems)), g.money
  FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS g (
       entity text, golden_id uuid, other_id uuid, rule text, kind text, score numeric, parts jsonb, systems jsonb, money jsonb)
 ORDER BY g.golden_id, g.other_id
ON CONFLICT (tenant_id, golden_id, other_id) DO UPDATE
   SET rule = excluded.rule, kind = excluded.kind, score = excluded.score, parts = excluded.parts, systems = excluded.systems,
       money = excluded.money, seen_at = clock_timestamp(),
       state = CASE WHEN d.state IN ('duplicate', 'legitimate')
                     AND EXISTS (SELECT FROM hub.decision v
                                  WHERE v.tenant_id = d.tenant_id AND v.id = d.decision_id AND v.withdrawn_at IS NULL)
                    THEN d.state ELSE 'open' END
RETURNING id, golden_id, other_id, state;

-- gone --
-- Open pairs of these records that look alike no more.
UPDATE hub.duplicate d
   SET state = 'gone', seen_at = clock_timestamp()
 WHERE d.tenant_id = :tenant AND d.state = 'open'
   AND (d.golden_id = ANY (CAST(:golden_ids AS uuid[])) OR d.other_id = ANY (CAST(:golden_ids AS uuid[])))
   AND NOT EXISTS (SELECT FROM unnest(CAST(:found_ids AS uuid[]), CAST(:found_others AS uuid[])) AS f (golden_id, other_id)
                    WHERE f.golden_id = d.golden_id AND f.other_id = d.other_id)
RETURNING d.id, d.entity, d.golden_id, d.other_id;

-- lock --
SELECT id, entity, golden_id, other_id, rule, kind, score, parts, state, decision_id, money
  FROM hub.duplicate
 WHERE tenant_id = :tenant AND id = :id
   FOR UPDATE;

-- answer --
UPDATE hub.duplicate
   SET state = :state, decision_id = :decision_id, answered_at = clock_timestamp(), answered_by = :actor
 WHERE tenant_id = :tenant AND id = :id;
