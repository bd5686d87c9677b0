-- Where merged golden records went: loser -> survivor, one row for each merge in force; chains are followed when read.

-- ends --
-- Of these golden ids, those merged away, each with the one that stands for it now: over all merges in between.
WITH RECURSIVE way (loser, survivor, steps) AS (
    SELECT f.loser_id, f.survivor_id, 1
      FROM hub.forward f
     WHERE f.tenant_id = :tenant AND f.loser_id = ANY (CAST(:ids AS uuid[]))
    UNION ALL
    SELECT way.loser, f.survivor_id, way.steps + 1
      FROM way
      JOIN hub.forward f ON f.tenant_id = :tenant AND f.loser_id = way.survivor
     WHERE way.steps < 200
)
SELECT DISTINCT ON (loser) loser AS loser_id, survivor AS survivor_id
  FROM way
 ORDER BY loser, steps DESC;

-- tree --
-- A golden id and every id that leads to it.
WITH RECURSIVE into_it (id, steps) AS (
    SELECT CAST(:id AS uuid), 0
    UNION ALL
    SELECT f.loser_id, i.steps + 1
      FROM into_it i
      JOIN hub.forward f ON f.tenant_id = :tenant AND f.survivor_id = i.id
     WHERE i.steps < 200
)
SELECT DISTINCT id FROM into_it;

-- add --
INSERT INTO hub.forward (tenant_id, loser_id, survivor_id, entity, decision_id)
SELECT :tenant, g.loser_id, :survivor, :entity, g.decision_id
  FROM unnest(CAST(:losers AS uuid[]), CAST(:decisions AS bigint[])) AS g (loser_id, decision_id);

-- drop --
DELETE FROM hub.forward
 WHERE tenant_id = :tenant AND loser_id = :loser;

-- move_in --
-- Everything under these golden ids belongs to the survivor; each row remembers where it came from. They leave no match key,
-- wait for nothing and fall due no more. The rows are locked.
WITH keys AS (
    DELETE FROM hub.match_key WHERE tenant_id = :tenant AND golden_id = ANY (CAST(:losers AS uuid[]))
), waits AS (
    DELETE FROM hub.awaiting WHERE tenant_id = :tenant AND golden_id = ANY (CAST(:losers AS uuid[]))
), due AS (
    DELETE FROM hub.reconsider WHERE tenant_id = :tenant AND golden_id = ANY (CAST(:losers AS uuid[]))
)
UPDATE hub.source_record s
   SET home_id = coalesce(s.home_id, s.golden_id), golden_id = :survivor, updated_at = now()
 WHERE s.tenant_id = :tenant AND s.golden_id = ANY (CAST(:losers AS uuid[]))
RETURNING s.id;

-- move_out --
-- Everything under the survivor whose home is one of these goes back with the loser.
UPDATE hub.source_record s
   SET golden_id = CAST(:loser AS uuid), home_id = nullif(s.home_id, CAST(:loser AS uuid)), updated_at = now()
 WHERE s.tenant_id = :tenant AND s.golden_id = :survivor AND s.home_id = ANY (CAST(:homes AS uuid[]))
RETURNING s.id;

-- set_home --
-- One source record's home, and the golden record that stands for it.
UPDATE hub.source_record s
   SET golden_id = CAST(:golden_id AS uuid), home_id = nullif(CAST(:home AS uuid), CAST(:golden_id AS uuid)), updated_at = now()
 WHERE s.tenant_id = :tenant AND s.id = ANY (CAST(:ids AS bigint[]));

-- keep_homes --
-- These source records belong to golden records that were merged into the one they are under.
UPDATE hub.source_record s
   SET home_id = nullif(g.home_id, s.golden_id)
  FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS g (
       system text, object text, external_id text, entity text, part text, home_id uuid)
 WHERE s.tenant_id = :tenant AND s.system = g.system AND s.object = g.object AND s.external_id = g.external_id
   AND s.entity = g.entity AND s.part = g.part;

-- roles --
-- Of several records of one system in one golden record, those that came by a merge stand back behind those that did not,
-- and else behind the oldest: writes go to the primary one. What the vendor retired stays retired. Answers what changed.
WITH ranked AS (
    SELECT s.id, s.role,
           CASE WHEN s.home_id IS NULL OR s.state <> 'present' THEN 'primary'
                WHEN row_number() OVER (PARTITION BY s.golden_id, s.system, s.object, s.entity, s.part
                                            ORDER BY s.state <> 'present', s.role = 'retired', s.home_id IS NOT NULL, s.id) = 1 THEN 'primary'
                ELSE 'alternate' END AS wanted
      FROM hub.source_record s
     WHERE s.tenant_id = :tenant AND s.golden_id = ANY (CAST(:golden_ids AS uuid[])) AND s.state <> 'awaited'
)
UPDATE hub.source_record s
   SET role = r.wanted
  FROM ranked r
 WHERE s.tenant_id = :tenant AND s.id = r.id AND r.role IN ('primary', 'alternate') AND r.role <> r.wanted
RETURNING s.id, s.golden_id, s.role;

-- lock_sources --
-- Every source record of these golden records, held in key order to the end of the transaction.
SELECT s.id, s.golden_id, s.home_id, s.system, s.object, s.external_id, s.entity, s.part, s.state, s.role
  FROM hub.source_record s
 WHERE s.tenant_id = :tenant AND s.golden_id = ANY (CAST(:golden_ids AS uuid[]))
 ORDER BY s.system, s.object, s.external_id, s.entity, s.part
   FOR UPDATE;

-- source_ids --
SELECT id
  FROM hub.source_record
 WHERE tenant_id = :tenant AND golden_id = ANY (CAST(:golden_ids AS uuid[]));

-- set_apart --
INSERT INTO hub.apart (tenant_id, decision_id, source_id, side)
SELECT :tenant, :decision, g.source_id, g.side
  FROM unnest(CAST(:source_ids AS bigint[]), CAST(:sides AS smallint[])) AS g (source_id, side)
ON CONFLICT DO NOTHING;

-- apart --
-- Pairs of these golden records that somebody said are not the same: a source record of each is on another side.
SELECT DISTINCT a.golden_id AS one, b.golden_id AS other, d.id AS decision_id, d.actor, d.reason
  FROM hub.source_record a
  JOIN hub.apart x ON x.tenant_id = a.tenant_id AND x.source_id = a.id AND x.side = 1
  JOIN hub.decision d ON d.tenant_id = x.tenant_id AND d.id = x.decision_id AND d.withdrawn_at IS NULL
  JOIN hub.apart y ON y.tenant_id = x.tenant_id AND y.decision_id = x.decision_id AND y.side = 2
  JOIN hub.source_record b ON b.tenant_id = y.tenant_id AND b.id = y.source_id
 WHERE a.tenant_id = :tenant AND a.golden_id = ANY (CAST(:golden_ids AS uuid[])) AND b.golden_id = ANY (CAST(:golden_ids AS uuid[]))
   AND a.golden_id <> b.golden_id;

-- barred --
-- Golden records that these source records are not: whatever now holds a record of the other side.
SELECT DISTINCT x.source_id, b.golden_id
  FROM hub.apart x
  JOIN hub.decision d ON d.tenant_id = x.tenant_id AND d.id = x.decision_id AND d.withdrawn_at IS NULL
  JOIN hub.apart y ON y.tenant_id = x.tenant_id AND y.decision_id = x.decision_id AND y.side <> x.side
  JOIN hub.source_record b ON b.tenant_id = y.tenant_id AND b.id = y.source_id
 WHERE x.tenant_id = :tenant AND x.source_id = ANY (CAST(:source_ids AS bigint[])) AND b.golden_id IS NOT NULL
UNION
SELECT d.source_id, d.golden_id
  FROM hub.decision d
 WHERE d.tenant_id = :tenant AND d.source_id = ANY (CAST(:source_ids AS bigint[])) AND d.kind = 'not_same' AND d.withdrawn_at IS NULL
   AND d.golden_id IS NOT NULL;

-- judged --
-- Of these source records, those whose place a person has decided.
SELECT d.source_id AS id
  FROM hub.decision d
 WHERE d.tenant_id = :tenant AND d.source_id = ANY (CAST(:source_ids AS bigint[])) AND d.kind IN ('same', 'not_same', 'split')
   AND d.withdrawn_at IS NULL
UNION
SELECT s.id
  FROM hub.source_record s
 WHERE s.tenant_id = :tenant AND s.id = ANY (CAST(:source_ids AS bigint[])) AND s.home_id IS NOT NULL;
