-- What is found by typing: one row a record that has a name or a number, kept up with the feed a moment later.

-- behind --
-- Tenants whose entries stand before the end of their feed, or in another epoch of it.
SELECT h.tenant_id
  FROM hub.feed_head AS h
  LEFT JOIN hub.search_head AS s ON s.tenant_id = h.tenant_id
 WHERE s.position IS DISTINCT FROM h.position OR s.epoch IS DISTINCT FROM h.epoch;

-- open_head --
INSERT INTO hub.search_head (tenant_id)
SELECT CAST(:tenant AS integer)
ON CONFLICT (tenant_id) DO NOTHING;

-- lock_head --
-- Take the turn to keep a tenant's entries up; nothing when somebody else has it. Then the entries stand at "position".
SELECT s.position, s.epoch = h.epoch AND s.position BETWEEN h.dropped_to AND h.position AS is_gapless, h.position AS head, h.epoch
  FROM hub.search_head AS s
  JOIN hub.feed_head AS h ON h.tenant_id = s.tenant_id
 WHERE s.tenant_id = :tenant
   FOR UPDATE OF s SKIP LOCKED;

-- changed --
-- Records of these entities that changed in the next positions.
SELECT DISTINCT c.entity, c.golden_id
  FROM hub.feed AS f
  JOIN hub.change AS c ON c.tenant_id = f.tenant_id AND c.id = f.change_id
 WHERE f.tenant_id = :tenant AND f.position > :after AND f.position <= :upto
   AND c.entity = ANY (CAST(:entities AS text[]));

-- move_head --
UPDATE hub.search_head SET position = :position, epoch = :epoch WHERE tenant_id = :tenant;

-- spellings --
-- What connected systems call these records, by the fields that name them.
SELECT s.golden_id, s."values"
  FROM hub.source_record AS s
 WHERE s.tenant_id = :tenant AND s.golden_id = ANY (CAST(:ids AS uuid[])) AND s.state = 'present'
 ORDER BY s.golden_id, s.id;

-- save --
-- Store entries; one that says the same is not written again, since writing it costs the index most.
INSERT INTO hub.search AS s (tenant_id, entity, golden_id, label, detail, record_state, words)
SELECT :tenant, g.entity, g.golden_id, g.label, g.detail, g.record_state, g.words
  FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS g (
       entity text, golden_id uuid, label text, detail text, record_state text, words tsvector)
 ORDER BY g.golden_id
ON CONFLICT (tenant_id, golden_id) DO UPDATE
   SET label = excluded.label, detail = excluded.detail, record_state = excluded.record_state, words = excluded.words
 WHERE (s.label, s.detail, s.record_state, s.words) IS DISTINCT FROM (excluded.label, excluded.detail, excluded.record_state, excluded.words);

-- forget --
-- Entries of records that are gone, merged into others.
DELETE FROM hub.search WHERE tenant_id = :tenant AND golden_id = ANY (CAST(:ids AS uuid[]));

-- labels --
-- What these records are called.
SELECT golden_id, label
  FROM hub.search
 WHERE tenant_id = :tenant AND golden_id = ANY (CAST(:ids AS uuid[]));
