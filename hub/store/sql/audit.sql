-- The sealed trail: what is sealed next, seals as a chain, and what verifying them compares with.

-- open_head --
INSERT INTO hub.seal_head (tenant_id)
VALUES (:tenant)
ON CONFLICT (tenant_id) DO NOTHING
RETURNING true;

-- note_all --
-- What was there before anything was sealed is sealed like what comes; what triggers noted meanwhile may be noted twice.
INSERT INTO hub.seal_due (tenant_id, kind, row_id)
SELECT tenant_id, 'decision', id FROM hub.decision WHERE tenant_id = :tenant
 UNION ALL
SELECT tenant_id, 'action', id FROM hub.action WHERE tenant_id = :tenant
 UNION ALL
SELECT tenant_id, 'proposal', id FROM hub.proposal WHERE tenant_id = :tenant
 UNION ALL
SELECT DISTINCT tenant_id, 'vote', proposal_id FROM hub.proposal_vote WHERE tenant_id = :tenant;

-- lock_head --
-- The tenant's turn to seal; nothing when somebody else has it.
SELECT seal_id, digest, position
  FROM hub.seal_head
 WHERE tenant_id = :tenant
   FOR UPDATE SKIP LOCKED;

-- head --
SELECT h.seal_id, h.digest, h.position, h.verified_at, h.finding,
       (SELECT count(*) FROM hub.seal_due d WHERE d.tenant_id = h.tenant_id) AS due,
       greatest((SELECT f.position FROM hub.feed_head f WHERE f.tenant_id = h.tenant_id) - h.position, 0) AS behind
  FROM hub.seal_head h
 WHERE h.tenant_id = :tenant;

-- next_changes --
-- Changes behind a position of the feed: nothing appears below one that was seen, so none is left out.
SELECT f.position, f.change_id
  FROM hub.feed f
 WHERE f.tenant_id = :tenant AND f.position > :after
 ORDER BY f.position
 LIMIT CAST(:most AS integer);

-- next_rows --
-- Rows that triggers noted, each once; the notes go with the transaction that seals what they name.
WITH taken AS (
    DELETE FROM hub.seal_due
     WHERE tenant_id = :tenant
       AND id IN (SELECT id FROM hub.seal_due WHERE tenant_id = :tenant ORDER BY id LIMIT CAST(:most AS integer))
    RETURNING id, kind, row_id
)
SELECT kind, row_id
  FROM taken
 GROUP BY kind, row_id
 ORDER BY min(id);

-- changes --
-- Changes as they are sealed: in the open what happened, covered what the record said.
SELECT c.id,
       jsonb_build_object('entity', c.entity, 'record', c.golden_id::text, 'version', c.version::text, 'op', c.op, 'cause', c.cause,
                          'actor', c.actor, 'correlation_id', c.correlation_id, 'message', c.message_id::text, 'backfill', c.is_backfill::text,
                          'at', to_char(c.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')) AS open,
       coalesce((SELECT jsonb_object_agg('before.' || e.key, e.value::text) FROM jsonb_each(c.before) AS e), '{}')
       || coalesce((SELECT jsonb_object_agg('after.' || e.key, e.value::text) FROM jsonb_each(c.after) AS e), '{}')
       || CASE WHEN c.id_map IS NULL THEN '{}' ELSE jsonb_build_object('id_map', c.id_map::text) END AS covered
  FROM hub.change c
 WHERE c.tenant_id = :tenant AND c.id = ANY (CAST(:ids AS bigint[]));

-- decisions --
SELECT d.id,
       jsonb_build_object('entity', d.entity, 'decision', d.kind, 'record', d.golden_id::text, 'other', d.other_id::text, 'source', d.source_id::text,
                          'field', d.field, 'actor', d.actor, 'rule', d.rule, 'while_source', d.while_source,
                          'at', to_char(d.made_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
                          'until', to_char(d.until AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
                          'withdrawn_at', to_char(d.withdrawn_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
                          'withdrawn_by', d.withdrawn_by) AS open,
       jsonb_strip_nulls(jsonb_build_object('value', d.value::text, 'reason', d.reason, 'evidence', d.evidence::text)) AS covered
  FROM hub.decision d
 WHERE d.tenant_id = :tenant AND d.id = ANY (CAST(:ids AS bigint[]));

-- actions --
SELECT a.id,
       jsonb_build_object('entity', a.entity, 'action', a.kind, 'actor', a.actor, 'correlation_id', a.correlation_id, 'records', a.golden_ids::text,
                          'decisions', a.decision_ids::text, 'batch', a.batch_id::text,
                          'at', to_char(a.made_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
                          'undone_at', to_char(a.undone_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), 'undone_by', a.undone_by,
                          'redone_at', to_char(a.redone_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), 'redone_by', a.redone_by) AS open,
       jsonb_strip_nulls(jsonb_build_object('reason', a.reason, 'given', a.given::text, 'inverse', a.inverse::text)) AS covered
  FROM hub.action a
 WHERE a.tenant_id = :tenant AND a.id = ANY (CAST(:ids AS bigint[]));

-- proposals --
SELECT p.id,
       jsonb_build_object('entity', p.entity, 'operation', p.operation, 'risk', p.risk, 'needed', p.needed::text, 'records', p.golden_ids::text,
                          'actor', p.author, 'state', p.state, 'decisions', p.decision_ids::text, 'action', p.action_id::text,
                          'correlation_id', p.correlation_id,
                          'at', to_char(p.asked_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
                          'settled_at', to_char(p.settled_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), 'settled_by', p.settled_by) AS open,
       jsonb_strip_nulls(jsonb_build_object('given', p.given::text, 'diff', p.diff::text, 'subject', p.subject, 'reason', p.reason,
                                            'resolution', p.resolution)) AS covered
  FROM hub.proposal p
 WHERE p.tenant_id = :tenant AND p.id = ANY (CAST(:ids AS bigint[]));

-- votes --
-- All votes of a proposal are one entry, named by the proposal.
SELECT v.proposal_id AS id,
       jsonb_build_object('votes', string_agg(concat_ws(' ', v.vote, 'by', v.actor, v.member_id, v.for_id,
                                              to_char(v.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')), '; ' ORDER BY v.member_id)) AS open,
       jsonb_object_agg('comment.' || v.member_id, v.comment) AS covered
  FROM hub.proposal_vote v
 WHERE v.tenant_id = :tenant AND v.proposal_id = ANY (CAST(:ids AS bigint[]))
 GROUP BY v.proposal_id;

-- key --
-- The key that seals now.
SELECT key_id, public, secret
  FROM hub.seal_key
 WHERE tenant_id = :tenant AND retired_at IS NULL
 ORDER BY made_at DESC
 LIMIT 1;

-- keys --
SELECT key_id, public, secret, made_at, retired_at
  FROM hub.seal_key
 WHERE tenant_id = :tenant
 ORDER BY made_at;

-- add_key --
INSERT INTO hub.seal_key (tenant_id, key_id, public, secret)
VALUES (:tenant, :key_id, :public, :secret);

-- add_seal --
INSERT INTO hub.seal (tenant_id, id, made_at, count, root, previous, digest, key_id, signature, first_change, last_change, kinds, ids, leaves)
VALUES (:tenant, :id, :made_at, :count, :root, :previous, :digest, :key_id, :signature, :first_change, :last_change, :kinds, :ids, :leaves);

-- add_states --
INSERT INTO hub.seal_state (tenant_id, seal_id, place, kind, row_id, open, covered)
SELECT :tenant, :seal_id, g.place, g.kind, g.row_id, g.open, g.covered
  FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS g (place integer, kind text, row_id bigint, open jsonb, covered jsonb);

-- move_head --
UPDATE hub.seal_head
   SET seal_id = :seal_id, digest = :digest, position = :position
 WHERE tenant_id = :tenant;

-- looked_through --
UPDATE hub.seal_head
   SET verified_at = clock_timestamp(), finding = :finding
 WHERE tenant_id = :tenant;

-- seals --
-- Seals from one on, in their order.
SELECT id, made_at, count, root, previous, digest, key_id, signature, kinds, ids, leaves
  FROM hub.seal
 WHERE tenant_id = :tenant AND id > :after AND id <= :upto
 ORDER BY id
 LIMIT CAST(:most AS integer);

-- states --
-- What other rows than changes said when these seals were made.
SELECT seal_id, place, kind, row_id, open, covered
  FROM hub.seal_state
 WHERE tenant_id = :tenant AND seal_id = ANY (CAST(:seals AS bigint[]))
 ORDER BY seal_id, place;

-- newest_states --
-- Of rows other than changes, the seal that holds their newest state.
SELECT row_id, max(seal_id) AS seal_id
  FROM hub.seal_state
 WHERE tenant_id = :tenant AND kind = :kind AND row_id = ANY (CAST(:ids AS bigint[]))
 GROUP BY row_id;

-- waiting --
-- Which of these rows changed since and wait to be sealed anew.
SELECT DISTINCT row_id
  FROM hub.seal_due
 WHERE tenant_id = :tenant AND kind = :kind AND row_id = ANY (CAST(:ids AS bigint[]));

-- erased --
SELECT row_id, covered
  FROM hub.seal_erased
 WHERE tenant_id = :tenant AND kind = :kind AND row_id = ANY (CAST(:ids AS bigint[]));

-- keep_erased --
INSERT INTO hub.seal_erased AS e (tenant_id, kind, row_id, covered)
SELECT :tenant, :kind, g.row_id, g.covered
  FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS g (row_id bigint, covered jsonb)
ON CONFLICT (tenant_id, kind, row_id) DO UPDATE SET covered = e.covered || excluded.covered;

-- unsealed --
-- Changes that a seal should hold and none does: put in past the hub, or taken out of a seal.
SELECT c.id
  FROM hub.change c
  LEFT JOIN (SELECT u.id
               FROM hub.seal s, unnest(s.ids, string_to_array(s.kinds, NULL)) AS u (id, kind)
              WHERE s.tenant_id = :tenant AND u.kind = 'c') AS sealed ON sealed.id = c.id
 WHERE c.tenant_id = :tenant AND sealed.id IS NULL AND c.at < clock_timestamp() - interval '10 minutes'
   AND c.id BETWEEN (SELECT min(first_change) FROM hub.seal WHERE tenant_id = :tenant AND ids IS NOT NULL)
                AND (SELECT max(last_change) FROM hub.seal WHERE tenant_id = :tenant)
   AND NOT EXISTS (SELECT FROM hub.feed f, hub.seal_head h
                    WHERE f.tenant_id = c.tenant_id AND f.change_id = c.id AND h.tenant_id = c.tenant_id AND f.position > h.position)
 ORDER BY c.id
 LIMIT 100;

-- thin --
-- Retention: seals older than this keep their heads, so that the chain stays whole, and give up their entries.
WITH thinned AS (
    UPDATE hub.seal
       SET kinds = NULL, ids = NULL, leaves = NULL
     WHERE tenant_id = :tenant AND made_at < clock_timestamp() - make_interval(days => CAST(:days AS integer)) AND ids IS NOT NULL
    RETURNING id
), gone AS (
    DELETE FROM hub.seal_state
     WHERE tenant_id = :tenant AND seal_id IN (SELECT id FROM thinned)
)
SELECT count(*)
  FROM thinned;

-- entries_of --
-- Changes, decisions, actions and proposals about these records in a time, in the order they were made.
SELECT kind, id
  FROM (SELECT 'change' AS kind, c.id, c.at
          FROM hub.change c
         WHERE c.tenant_id = :tenant AND c.golden_id = ANY (CAST(:records AS uuid[]))
         UNION ALL
        SELECT 'decision', d.id, d.made_at
          FROM hub.decision d
         WHERE d.tenant_id = :tenant AND (d.golden_id = ANY (CAST(:records AS uuid[])) OR d.other_id = ANY (CAST(:records AS uuid[])))
         UNION ALL
        SELECT 'action', a.id, a.made_at
          FROM hub.action a
         WHERE a.tenant_id = :tenant AND a.golden_ids && CAST(:records AS uuid[])
         UNION ALL
        SELECT 'proposal', p.id, p.asked_at
          FROM hub.proposal p
         WHERE p.tenant_id = :tenant AND p.golden_ids && CAST(:records AS uuid[])
         UNION ALL
        SELECT 'vote', p.id, p.asked_at
          FROM hub.proposal p
         WHERE p.tenant_id = :tenant AND p.golden_ids && CAST(:records AS uuid[])
           AND EXISTS (SELECT FROM hub.proposal_vote v WHERE v.tenant_id = p.tenant_id AND v.proposal_id = p.id)) AS e
 WHERE at >= CAST(:since AS timestamptz) AND at < CAST(:until AS timestamptz)
 ORDER BY at, kind, id
 LIMIT CAST(:most AS integer);

-- entries_between --
-- The same of all records.
SELECT kind, id
  FROM (SELECT 'change' AS kind, c.id, c.at FROM hub.change c WHERE c.tenant_id = :tenant
         UNION ALL
        SELECT 'decision', d.id, d.made_at FROM hub.decision d WHERE d.tenant_id = :tenant
         UNION ALL
        SELECT 'action', a.id, a.made_at FROM hub.action a WHERE a.tenant_id = :tenant
         UNION ALL
        SELECT 'proposal', p.id, p.asked_at FROM hub.proposal p WHERE p.tenant_id = :tenant
         UNION ALL
        SELECT 'vote', p.id, p.asked_at
          FROM hub.proposal p
         WHERE p.tenant_id = :tenant AND EXISTS (SELECT FROM hub.proposal_vote v WHERE v.tenant_id = p.tenant_id AND v.proposal_id = p.id)) AS e
 WHERE at >= CAST(:since AS timestamptz) AND at < CAST(:until AS timestamptz)
 ORDER BY at, kind, id
 LIMIT CAST(:most AS integer);

-- seals_of_changes --
-- Which seal holds each of these changes.
SELECT g.id AS row_id, s.id AS seal_id
  FROM unnest(CAST(:ids AS bigint[])) AS g (id)
  JOIN LATERAL (
       SELECT s.id
         FROM hub.seal s
        WHERE s.tenant_id = :tenant AND s.last_change >= g.id AND s.first_change <= g.id AND g.id = ANY (s.ids)
          AND substr(s.kinds, array_position(s.ids, g.id), 1) = 'c'
        ORDER BY s.last_change
        LIMIT 1) AS s ON true;

-- seals_of_rows --
-- Which seals hold states of these rows.
SELECT row_id, seal_id
  FROM hub.seal_state
 WHERE tenant_id = :tenant AND kind = :kind AND row_id = ANY (CAST(:ids AS bigint[]))
 ORDER BY row_id, seal_id;
