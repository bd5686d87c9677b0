-- Lanes: where each subscriber stands with each golden record.
--
-- idle -> due (fan_out: a newer version is wanted) -> leased (claim) -> idle (delivered), due (again, later), waiting (the
-- target lacks a parent), observed / proposed (the mode is not "write"), parked (a dead letter, until somebody replays it
-- or, for master data, until a newer version may have mended it).

-- fan_out --
-- Move every active subscription of the tenant on towards :upto, at most :batch positions, and want the newest version of
-- each record on the way, as urgently as hub.core.urgency says. A system that is drained takes no more. Needs the head's
-- lock, so that nobody else moves the same subscriptions.
WITH behind AS MATERIALIZED (
    SELECT s.id, s.kind, s.coalesces, s.position,
           least(CAST(:upto AS bigint), s.position + CAST(:batch AS integer)) AS upto,
           CASE WHEN s.filter ? 'entities' THEN ARRAY (SELECT jsonb_array_elements_text(s.filter -> 'entities')) END AS entities,
           CASE WHEN s.filter ? 'fields' THEN ARRAY (SELECT jsonb_array_elements_text(s.filter -> 'fields')) END AS fields,
           CASE s.kind WHEN 'connector' THEN NOT coalesce(y.loading, false)
                       ELSE coalesce(CAST(s.filter ->> 'backfill' AS boolean), false) END AS takes_backfill
      FROM hub.subscription s
      LEFT JOIN hub.system y ON y.tenant_id = s.tenant_id AND y.name = s.system
     WHERE s.tenant_id = :tenant AND s.state = 'active' AND s.kind <> 'pull' AND s.position < :upto
       AND NOT EXISTS (SELECT FROM hub.system_delivery d
                        WHERE d.tenant_id = s.tenant_id AND d.system = s.system AND d.draining_at IS NOT NULL)
     ORDER BY s.id
       FOR NO KEY UPDATE OF s
), wanted AS (
    SELECT b.id, b.coalesces, c.golden_id, c.entity, min(c.version) AS first_version, max(c.version) AS version,
           max(f.position) AS position,
           min(CASE WHEN c.is_backfill THEN 8
                    WHEN split_part(c.actor, ':', 1) = ANY (CAST(:people AS text[])) AND c.cause NOT LIKE 'plan:%' THEN 1
                    ELSE 5 END) AS priority,
           (array_agg(c.correlation_id ORDER BY c.version DESC))[1] AS correlation_id
      FROM behind b
      JOIN hub.feed f ON f.tenant_id = :tenant AND f.position > b.position AND f.position <= b.upto
      JOIN hub.change c ON c.tenant_id = :tenant AND c.id = f.change_id
     WHERE (b.entities IS NULL OR c.entity = ANY (b.entities))
       AND (b.fields IS NULL OR c.op <> 'update' OR c.after ?| b.fields)
       AND (b.takes_backfill OR NOT c.is_backfill)
     GROUP BY b.id, b.coalesces, c.golden_id, c.entity
), laned AS (
    INSERT INTO hub.lane AS l (tenant_id, subscription_id, golden_id, entity, wanted_version, wanted_position,
                               delivered_version, state, priority, next_try_at, correlation_id)
    SELECT :tenant, w.id, w.golden_id, w.entity, w.version, w.position, w.first_version - 1, 'due',
           w.priority, statement_timestamp(), w.correlation_id
      FROM wanted w
     ORDER BY w.id, w.golden_id
    ON CONFLICT (tenant_id, subscription_id, golden_id, external_key) DO UPDATE
       SET wanted_version = excluded.wanted_version,
           wanted_position = excluded.wanted_position,
           correlation_id = excluded.correlation_id,
           state = CASE WHEN l.state IN ('due', 'leased') THEN l.state
                        WHEN l.state = 'parked' AND l.entity = ANY (CAST(:kept_parked AS text[])) THEN l.state
                        WHEN l.state = 'parked' AND NOT (SELECT s.coalesces FROM hub.subscription s
                                                          WHERE s.tenant_id = l.tenant_id AND s.id = l.subscription_id)
                        THEN l.state
                        ELSE 'due' END,
           attempts = CASE WHEN l.state IN ('due', 'leased') THEN l.attempts ELSE 0 END,
           next_try_at = CASE WHEN l.state IN ('due', 'leased') THEN l.next_try_at ELSE statement_timestamp() END,
           priority = CASE WHEN l.state IN ('due', 'leased', 'waiting') THEN least(l.priority, excluded.priority) ELSE excluded.priority END,
           updated_at = statement_timestamp()
     WHERE excluded.wanted_version > l.wanted_version
    RETURNING 1
), moved AS (
    UPDATE hub.subscription s
       SET position = b.upto
      FROM behind b
     WHERE s.tenant_id = :tenant AND s.id = b.id
    RETURNING b.upto
)
SELECT (SELECT count(*) FROM laned) AS lanes, coalesce(bool_or(upto < :upto), false) AS has_more
  FROM moved;

-- start_lanes --
-- Lanes of a new subscription for the golden records it starts with. A record that was born since the subscription's
-- position is among them or in the stream, never both: the stream raises a lane only to a newer version.
-- The entity's table is put in by name, from the model.
INSERT INTO hub.lane AS l (tenant_id, subscription_id, golden_id, entity, wanted_version, wanted_position, delivered_version,
                      state, priority, next_try_at, plan)
SELECT g.tenant_id, CAST(:subscription AS uuid), g.id, CAST(:entity AS text), g.version, CAST(:position AS bigint), g.version - 1, 'due', 8, statement_timestamp(),
       jsonb_build_object('snapshot', g.version)
  FROM golden.{entity} g
 WHERE g.tenant_id = :tenant AND g.record_state = 'active'
ON CONFLICT (tenant_id, subscription_id, golden_id, external_key) DO UPDATE
   SET wanted_version = excluded.wanted_version, wanted_position = excluded.wanted_position,
       state = CASE WHEN l.state IN ('leased', 'parked') THEN l.state ELSE 'due' END,
       next_try_at = excluded.next_try_at, updated_at = statement_timestamp()
 WHERE excluded.wanted_version > l.wanted_version;

-- claim --
-- Lease due lanes of active subscriptions, each as many as it has room for: what :busy_ids already have in flight here is
-- taken off. Of each class of urgency the oldest stand in line, by their age less the patience of the class, none less urgent
-- than its subscription allows. Skips what another worker holds, and who must be told of a gap first. A webhook's or broker's lane comes with the sequenced changes it still has to deliver,
-- at most :most_versions, one row each; without any, and for a system, it is one row without a change.
WITH room AS MATERIALIZED (
    SELECT s.id, CASE s.kind WHEN 'connector' THEN CAST(:most_system AS integer) ELSE CAST(:most_webhook AS integer) END
                 - coalesce(b.count, 0) AS room, coalesce(u.least_urgent, 32767) AS least_urgent
      FROM hub.subscription s
      LEFT JOIN hub.system y ON y.tenant_id = s.tenant_id AND y.name = s.system
      LEFT JOIN unnest(CAST(:busy_ids AS uuid[]), CAST(:busy_counts AS integer[])) AS b (id, count) ON b.id = s.id
      LEFT JOIN unnest(CAST(:limited_ids AS uuid[]), CAST(:least_urgent AS integer[])) AS u (id, least_urgent) ON u.id = s.id
     WHERE s.tenant_id = :tenant AND s.state = 'active' AND s.kind <> 'pull' AND s.notice IS NULL
       AND NOT coalesce(y.paused, false) AND y.braked_at IS NULL
       AND NOT EXISTS (SELECT FROM hub.system_delivery d WHERE d.tenant_id = s.tenant_id AND d.system = s.system AND d.drained_at IS NOT NULL)
       AND NOT EXISTS (SELECT FROM hub.restore o WHERE o.tenant_id = :tenant AND o.resumed_at IS NULL)  -- deliveries rest
), picked AS MATERIALIZED (
    SELECT p.subscription_id, p.golden_id, p.external_key
      FROM room r
     CROSS JOIN LATERAL (
           SELECT f.subscription_id, f.golden_id, f.external_key
             FROM unnest(CAST(:urgencies AS integer[]), CAST(:patience_s AS float8[])) AS c (priority, patience_s)
            CROSS JOIN LATERAL (
                  SELECT l.subscription_id, l.golden_id, l.external_key,
                         l.next_try_at + make_interval(secs => c.patience_s) AS turn_at
                    FROM hub.lane l
                   WHERE l.tenant_id = :tenant AND l.subscription_id = r.id AND l.state = 'due' AND l.priority = c.priority
                     AND l.next_try_at <= statement_timestamp()
                   ORDER BY l.next_try_at
                   LIMIT r.room
                     FOR UPDATE SKIP LOCKED) f
            WHERE c.priority <= r.least_urgent
            ORDER BY f.turn_at
            LIMIT r.room
           ) p
     WHERE r.room > 0
), leased AS (
    UPDATE hub.lane l
       SET state = 'leased', token = :token, lease_until = statement_timestamp() + make_interval(secs => :lease_s),
           updated_at = statement_timestamp()
      FROM picked p
     WHERE l.tenant_id = :tenant AND l.subscription_id = p.subscription_id AND l.golden_id = p.golden_id
       AND l.external_key = p.external_key
    RETURNING l.*
)
SELECT l.subscription_id, l.golden_id, l.external_key, l.entity, l.wanted_version, l.wanted_position, l.delivered_version,
       l.attempts, l.plan, l.task_id, l.correlation_id, l.priority,
       s.name, s.kind, s.system, s.url, s.secret, s.filter, s.payload, s.coalesces, s.failing_since, s.former_until, s.retry_s,
       s.pins, s.topic, p.*
  FROM leased l
  JOIN hub.subscription s ON s.tenant_id = :tenant AND s.id = l.subscription_id
  LEFT JOIN LATERAL (
       SELECT c.golden_id AS changed_id, c.entity AS changed, c.version, c.op, c.before, c.after, c.cause, c.actor,
              c.correlation_id AS change_correlation_id, c.at, c.message_id, c.is_backfill, c.id_map,
              coalesce(f.position, l.wanted_position) AS position, c.id
         FROM hub.change c
         LEFT JOIN hub.feed f ON f.tenant_id = c.tenant_id AND f.change_id = c.id
        WHERE s.kind <> 'connector' AND c.tenant_id = :tenant AND c.golden_id = l.golden_id
          AND c.version > l.delivered_version AND c.version <= l.wanted_version
          AND (f.position IS NOT NULL OR (l.plan IS NOT NULL  -- sent whole or again though retention has dropped its position
               AND EXISTS (SELECT FROM hub.feed_head h
                            WHERE h.tenant_id = :tenant AND (c.id <= h.floor_id OR pg_visible_in_snapshot(c.xid, h.seen)))))
        ORDER BY c.version
        LIMIT CAST(:most_versions AS integer)
       ) p ON true
 ORDER BY l.wanted_position, l.subscription_id, l.golden_id, p.version;

-- pending_changes --
-- What these lanes still have to deliver: the sequenced changes after the delivered version, at most :most per lane.
SELECT g.place, p.*
  FROM unnest(CAST(:golden_ids AS uuid[]), CAST(:after AS integer[]), CAST(:upto AS integer[]))
       WITH ORDINALITY AS g (golden_id, after, upto, place)
 CROSS JOIN LATERAL (
       SELECT c.golden_id, c.entity, c.version, c.op, c.before, c.after, c.cause, c.actor, c.correlation_id, c.at,
              c.message_id, c.is_backfill, c.id_map, f.position, c.id
         FROM hub.change c
         JOIN hub.feed f ON f.tenant_id = c.tenant_id AND f.change_id = c.id
        WHERE c.tenant_id = :tenant AND c.golden_id = g.golden_id AND c.version > g.after AND c.version <= g.upto
        ORDER BY c.version
        LIMIT CAST(:most AS integer)
       ) p
 ORDER BY g.place, p.version;

-- lost_from --
-- Where the lowest change stood that a lane of this subscription still has to deliver and retention has dropped, about: the
-- position its lane wanted. Of the feed's own positions nothing is left to tell.
SELECT min(l.wanted_position)
  FROM hub.lane l
 WHERE l.tenant_id = :tenant AND l.subscription_id = :subscription AND l.state <> 'idle' AND l.plan IS NULL
   AND EXISTS (SELECT
                 FROM hub.change c
                 LEFT JOIN hub.feed f ON f.tenant_id = c.tenant_id AND f.change_id = c.id
                WHERE c.tenant_id = :tenant AND c.golden_id = l.golden_id AND c.version > l.delivered_version
                  AND c.version <= l.wanted_version AND f.position IS NULL);

-- renew --
-- Keep the leases of work that is still under way here; answers the tokens that still hold something. Who has lost its lanes
-- to another worker learns it here.
WITH kept AS (
    UPDATE hub.lane
       SET lease_until = statement_timestamp() + make_interval(secs => :lease_s)
     WHERE tenant_id = :tenant AND state = 'leased' AND token = ANY (CAST(:tokens AS uuid[]))
    RETURNING token
)
SELECT token, count(*) AS lanes FROM kept GROUP BY token;

-- give_back --
-- Work that was not begun, or was cut off: whoever comes next takes it up.
UPDATE hub.lane
   SET state = 'due', token = NULL, lease_until = NULL, next_try_at = statement_timestamp()
 WHERE tenant_id = :tenant AND state = 'leased' AND token = ANY (CAST(:tokens AS uuid[]));

-- take_over --
-- Lanes whose worker died or froze are due again; its token settles nothing any more.
UPDATE hub.lane
   SET state = 'due', token = NULL, lease_until = NULL, next_try_at = statement_timestamp(),
       updated_at = statement_timestamp()
 WHERE state = 'leased' AND lease_until < statement_timestamp()
RETURNING tenant_id;

-- settle --
-- What became of leased lanes, where the lease is still ours. A lane for which a newer version is wanted meanwhile is due
-- again at once, unless it is parked for good or waits for its next try anyway; so is one that is to be compared again.
UPDATE hub.lane l
   SET delivered_version = CASE WHEN l.reason = 'tell again' AND g.state = 'idle' THEN g.version - 1
                                ELSE greatest(l.delivered_version, g.delivered_version) END,
       state = CASE WHEN l.wanted_version > g.version AND (g.state <> 'parked' OR g.unparks) THEN 'due'
                    WHEN l.reason IN ('compare again', 'tell again') AND g.state IN ('idle', 'observed', 'proposed') THEN 'due'
                    ELSE g.state END,
       attempts = CASE WHEN l.wanted_version > g.version AND g.state <> 'due' THEN 0 ELSE g.attempts END,
       next_try_at = statement_timestamp() + make_interval(secs => g.delay_s),
       token = NULL, lease_until = NULL, waits_for = g.waits_for, reason = g.reason,
       plan = CASE WHEN l.reason = 'tell again' AND g.state = 'idle' THEN jsonb_build_object('snapshot', g.version) ELSE g.plan END,
       task_id = CASE WHEN g.state IN ('parked', 'due') THEN l.task_id END, gate_id = g.gate_id, gate_money = g.gate_money,
       updated_at = statement_timestamp()
  FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS g (
       subscription_id uuid, golden_id uuid, external_key text, token uuid, version integer, delivered_version integer,
       state text, unparks boolean, attempts integer, delay_s float8, waits_for uuid, plan jsonb, reason text, gate_id uuid,
       gate_money jsonb)
 WHERE l.tenant_id = :tenant AND l.subscription_id = g.subscription_id AND l.golden_id = g.golden_id
   AND l.external_key = g.external_key AND l.state = 'leased' AND l.token = g.token
RETURNING l.subscription_id, l.golden_id, l.external_key, l.state, l.next_try_at <= statement_timestamp() AS is_due_now;

-- point_to_tasks --
UPDATE hub.lane l
   SET task_id = g.task_id
  FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS g (
       subscription_id uuid, golden_id uuid, external_key text, task_id bigint)
 WHERE l.tenant_id = :tenant AND l.subscription_id = g.subscription_id AND l.golden_id = g.golden_id
   AND l.external_key = g.external_key;

-- emptied_tasks --
-- Of these tasks, those that no parked lane points to any more.
SELECT t.id
  FROM hub.task t
 WHERE t.tenant_id = :tenant AND t.id = ANY (CAST(:ids AS bigint[])) AND t.state = 'open'
   AND NOT EXISTS (SELECT FROM hub.lane l WHERE l.tenant_id = t.tenant_id AND l.task_id = t.id);

-- tenants_with_work --
-- Tenants with something to sequence, to fan out or to send; a cheap look without locks.
SELECT h.tenant_id
  FROM hub.feed_head h
 WHERE EXISTS (
       SELECT FROM hub.subscription s
        WHERE s.tenant_id = h.tenant_id AND s.state = 'active' AND s.kind <> 'pull'
          AND ((s.position < h.position
               AND NOT EXISTS (SELECT FROM hub.system_delivery d
                                WHERE d.tenant_id = s.tenant_id AND d.system = s.system AND d.draining_at IS NOT NULL))
               OR EXISTS (SELECT FROM hub.lane l
                           WHERE l.tenant_id = s.tenant_id AND l.subscription_id = s.id AND l.state = 'due'
                             AND l.next_try_at <= statement_timestamp())));

-- release_waiting --
-- Lanes that waited for a record their system has now, whoever made it; also those that left an optional reference out.
UPDATE hub.lane l
   SET state = 'due', waits_for = NULL, next_try_at = statement_timestamp(), updated_at = statement_timestamp()
  FROM hub.subscription s
 WHERE s.tenant_id = l.tenant_id AND s.id = l.subscription_id AND l.waits_for IS NOT NULL
   AND l.state IN ('waiting', 'idle', 'observed', 'proposed')
   AND EXISTS (
       SELECT FROM hub.source_record r
        WHERE r.tenant_id = l.tenant_id AND r.golden_id = l.waits_for AND r.system = s.system AND r.state = 'present')
RETURNING l.tenant_id;

-- release_children --
-- Lanes of a subscription that waited for, or left out, records it has just created.
UPDATE hub.lane
   SET state = 'due', waits_for = NULL, next_try_at = statement_timestamp(), updated_at = statement_timestamp()
 WHERE tenant_id = :tenant AND subscription_id = :subscription AND waits_for = ANY (CAST(:golden_ids AS uuid[]))
   AND state IN ('waiting', 'idle', 'observed', 'proposed')
RETURNING golden_id;

-- stuck_waiting --
-- Lanes that have waited longer than :patience_s for a record their system lacks, counted per system and missing record.
SELECT s.system, l.waits_for, min(l.entity) AS entity, count(*) AS count, min(l.reason) AS reason
  FROM hub.lane l
  JOIN hub.subscription s ON s.tenant_id = l.tenant_id AND s.id = l.subscription_id AND s.state = 'active'
 WHERE l.tenant_id = :tenant AND l.state = 'waiting' AND l.gate_id IS NULL
   AND l.updated_at < statement_timestamp() - make_interval(secs => :patience_s)
 GROUP BY s.system, l.waits_for;

-- open_waiting_tasks --
SELECT subject, id
  FROM hub.task
 WHERE tenant_id = :tenant AND state = 'open' AND cause = 'missing_parent';

-- due_run --
-- What a run would look at: lanes of a subscription that are due or leased and whose wish nobody has released yet.
SELECT l.golden_id, l.external_key, l.entity, l.wanted_version, l.wanted_position, l.delivered_version, l.attempts, l.plan,
       l.task_id, l.correlation_id
  FROM hub.lane l
 WHERE l.tenant_id = :tenant AND l.subscription_id = :subscription AND l.state IN ('due', 'leased')
   AND l.wanted_position > :released_to
 ORDER BY l.golden_id
OFFSET CAST(:skip AS bigint)
 LIMIT CAST(:most AS integer);

-- count_run --
-- How many lanes a run would look at, counted up to a bound, and the newest position among them.
SELECT count(*) AS lanes, max(r.wanted_position) AS position
  FROM (SELECT l.wanted_position
          FROM hub.lane l
         WHERE l.tenant_id = :tenant AND l.subscription_id = :subscription AND l.state IN ('due', 'leased')
           AND l.wanted_position > :released_to
         LIMIT CAST(:bound AS integer)) r;

-- hasten --
-- The subscriber answers again: try what waits for its next try now.
UPDATE hub.lane
   SET next_try_at = statement_timestamp()
 WHERE tenant_id = :tenant AND subscription_id = :subscription AND state = 'due' AND attempts > 0
   AND next_try_at > statement_timestamp();

-- make_due --
-- Take lanes up again (a mode was changed, a brake released): those in these states, of these entities (null: all).
UPDATE hub.lane
   SET state = 'due', attempts = 0, next_try_at = statement_timestamp(), updated_at = statement_timestamp()
 WHERE tenant_id = :tenant AND subscription_id = ANY (CAST(:subscriptions AS uuid[]))
   AND state = ANY (CAST(:states AS text[])) AND (CAST(:entity AS text) IS NULL OR entity = :entity);

-- compare_again --
-- A system that is put right has changed records: compare them again with what stands, though that did not change. A lane
-- under way is marked, and is due again when it is settled. Locks lanes in the order of all flows.
WITH touched AS (
    SELECT l.subscription_id, l.golden_id, l.external_key
      FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS g (system text, golden_id uuid)
      JOIN hub.subscription s ON s.tenant_id = :tenant AND s.kind = 'connector' AND s.system = g.system
      JOIN hub.lane l ON l.tenant_id = :tenant AND l.subscription_id = s.id AND l.golden_id = g.golden_id
     WHERE l.state IN ('idle', 'observed', 'proposed', 'leased')
     ORDER BY l.subscription_id, l.golden_id, l.external_key
       FOR UPDATE OF l
)
UPDATE hub.lane l
   SET state = CASE l.state WHEN 'leased' THEN 'leased' ELSE 'due' END,
       reason = 'compare again', next_try_at = statement_timestamp(), updated_at = statement_timestamp()
  FROM touched t
 WHERE l.tenant_id = :tenant AND l.subscription_id = t.subscription_id AND l.golden_id = t.golden_id
   AND l.external_key = t.external_key
RETURNING l.golden_id;

-- tell_contexts --
-- What readers with a context see of these records may be otherwise though the records stay. Systems compare again. A webhook's lane
-- wants its newest version once more, as a snapshot; one under way gets it when it is settled, and one that is due is sent what is
-- seen then anyway, unless all it waits to tell is of lineage, which is told to nobody. Locks lanes in the order of all flows.
WITH touched AS (
    SELECT l.subscription_id, l.golden_id, l.external_key, s.kind
      FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS g (context text, golden_id uuid, is_news boolean)
      JOIN hub.subscription s ON s.tenant_id = :tenant AND (s.kind = 'connector' OR (s.kind IN ('webhook', 'broker') AND g.is_news))
      LEFT JOIN hub.system y ON y.tenant_id = :tenant AND y.name = s.system
      JOIN hub.lane l ON l.tenant_id = :tenant AND l.subscription_id = s.id AND l.golden_id = g.golden_id
     WHERE coalesce(s.filter ->> 'context', y.config ->> 'context') = g.context
       AND (l.state IN ('idle', 'observed', 'proposed', 'leased')
            OR (s.kind <> 'connector' AND l.state = 'due'
                AND EXISTS (SELECT FROM hub.change c WHERE c.tenant_id = :tenant AND c.entity = l.entity AND c.golden_id = l.golden_id
                                                       AND c.version = l.wanted_version AND c.op = 'lineage')))
     ORDER BY l.subscription_id, l.golden_id, l.external_key
       FOR UPDATE OF l
)
UPDATE hub.lane l
   SET state = CASE l.state WHEN 'leased' THEN 'leased' ELSE 'due' END,
       reason = CASE t.kind WHEN 'connector' THEN 'compare again' ELSE 'tell again' END,
       delivered_version = CASE WHEN t.kind <> 'connector' AND l.state <> 'leased' THEN least(l.delivered_version, l.wanted_version - 1)
                                ELSE l.delivered_version END,
       plan = CASE WHEN t.kind <> 'connector' AND l.state <> 'leased' THEN jsonb_build_object('snapshot', l.wanted_version) ELSE l.plan END,
       next_try_at = CASE l.state WHEN 'due' THEN l.next_try_at ELSE statement_timestamp() END, updated_at = statement_timestamp()
  FROM touched t
 WHERE l.tenant_id = :tenant AND l.subscription_id = t.subscription_id AND l.golden_id = t.golden_id
   AND l.external_key = t.external_key
RETURNING l.golden_id;

-- accept --
-- Proposed writes a person has agreed to: planned again and then sent, whatever the mode.
UPDATE hub.lane
   SET state = 'due', attempts = 0, next_try_at = statement_timestamp(), updated_at = statement_timestamp(),
       plan = coalesce(plan, '{}') || '{"accepted": true}'
 WHERE tenant_id = :tenant AND subscription_id = ANY (CAST(:subscriptions AS uuid[])) AND state = 'proposed'
   AND (CAST(:entity AS text) IS NULL OR entity = :entity)
   AND (CAST(:golden_ids AS uuid[]) IS NULL OR golden_id = ANY (:golden_ids))
RETURNING golden_id;

-- count_proposals --
-- The task about a system's proposals says how many there are; without any it is solved.
UPDATE hub.task t
   SET count = p.count, updated_at = clock_timestamp(),
       state = CASE WHEN p.count = 0 THEN 'resolved' ELSE 'open' END,
       resolved_at = CASE WHEN p.count = 0 THEN clock_timestamp() END,
       resolution = CASE WHEN p.count = 0 THEN 'nothing is proposed any more' END
  FROM (SELECT g.subject, count(l.golden_id) AS count
          FROM unnest(CAST(:subjects AS text[]), CAST(:subscriptions AS uuid[]), CAST(:entities AS text[]))
               AS g (subject, subscription_id, entity)
          LEFT JOIN hub.lane l ON l.tenant_id = :tenant AND l.subscription_id = g.subscription_id
                              AND l.entity = g.entity AND l.state = 'proposed'
         GROUP BY g.subject) p
 WHERE t.tenant_id = :tenant AND t.state = 'open' AND t.cause = 'proposed_write' AND t.subject = p.subject
   AND t.count <> p.count;

-- would_write --
-- What observing and proposing lanes would write, per entity and operation, with a sample.
SELECT entity, op, count, sample, money
  FROM (SELECT l.entity, l.plan ->> 'op' AS op, count(*) AS count,
               (array_agg(l.plan || jsonb_build_object('golden_id', l.golden_id) ORDER BY l.golden_id))[1 : :sample] AS sample,
               jsonb_agg(l.plan -> 'money') FILTER (WHERE l.plan ? 'money') AS money
          FROM hub.lane l
         WHERE l.tenant_id = :tenant AND l.subscription_id = ANY (CAST(:subscriptions AS uuid[]))
           AND l.state IN ('observed', 'proposed') AND l.plan ? 'op'
         GROUP BY l.entity, l.plan ->> 'op') w
 ORDER BY entity, op;

-- replay --
-- Dead letters that shall be tried again, with a new count of tries and the same event ids. Everything null: all of them.
UPDATE hub.lane
   SET state = 'due', attempts = 0, next_try_at = statement_timestamp(), updated_at = statement_timestamp()
 WHERE tenant_id = :tenant AND state = 'parked'
   AND (CAST(:subscription AS uuid) IS NULL OR subscription_id = :subscription)
   AND (CAST(:golden_ids AS uuid[]) IS NULL OR golden_id = ANY (:golden_ids))
   AND (CAST(:task_id AS bigint) IS NULL OR task_id = :task_id)
   AND (CAST(:entity AS text) IS NULL OR entity = :entity)
   AND (CAST(:since AS timestamptz) IS NULL OR updated_at >= :since)
   AND (CAST(:until AS timestamptz) IS NULL OR updated_at < :until)
RETURNING subscription_id, golden_id;

-- dead_letters --
SELECT l.subscription_id, s.name AS subscription, s.system, l.golden_id, l.external_key, l.entity, l.wanted_version,
       l.delivered_version, l.attempts, l.reason, l.task_id, l.correlation_id, l.updated_at AS parked_at, l.plan,
       a.error, a.request, a.intent_key, a.operation
  FROM hub.lane l
  JOIN hub.subscription s ON s.tenant_id = l.tenant_id AND s.id = l.subscription_id
  LEFT JOIN LATERAL (
       SELECT error, request, intent_key, operation
         FROM hub.attempt a
        WHERE a.tenant_id = l.tenant_id AND a.subscription_id = l.subscription_id AND a.golden_id = l.golden_id
        ORDER BY a.id DESC
        LIMIT 1
       ) a ON true
 WHERE l.tenant_id = :tenant AND l.state = 'parked'
   AND (CAST(:subscription AS uuid) IS NULL OR l.subscription_id = :subscription)
   AND (CAST(:entity AS text) IS NULL OR l.entity = :entity)
   AND (CAST(:task_id AS bigint) IS NULL OR l.task_id = :task_id)
 ORDER BY l.updated_at DESC, l.golden_id
 LIMIT :first;

-- ring --
SELECT pg_notify('hub_lane', CAST(CAST(:tenant AS integer) AS text));
