-- What a person must see. One cause is one task, with a count.

-- open_tasks --
-- Open tasks, or add to the open ones of the same cause and subject; answers their ids. Where they go in detail is looked up
-- afterwards by the sweep that routes, so that whoever opens a task pays nothing for it.
INSERT INTO hub.task AS t (tenant_id, cause, subject, entity, golden_id, source_id, system, field, count, team, due_at,
                           money, reason, remedy, detail, correlation_id, priority, risk, amount, currency, is_mixed,
                           legal_entity, exc)
SELECT :tenant, g.cause, g.subject, g.entity, g.golden_id, g.source_id, g.system, g.field, g.count, g.team,
       clock_timestamp() + make_interval(hours => g.due_h), g.money, g.reason, g.remedy, coalesce(g.detail, '{}'),
       coalesce(g.correlation_id, ''), g.priority, g.risk, g.amount, g.currency, g.is_mixed, g.legal_entity, g.exc
  FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS g (
       cause text, subject text, entity text, golden_id uuid, source_id bigint, system text, field text, count integer,
       team text, due_h integer, money jsonb, reason text, remedy text, detail jsonb, correlation_id text,
       priority smallint, risk text, amount numeric, currency text, is_mixed boolean, legal_entity uuid, exc text)
 ORDER BY g.cause, g.subject
ON CONFLICT (tenant_id, cause, subject) WHERE state = 'open' DO UPDATE
   SET count = CASE WHEN excluded.detail ? 'restated' THEN excluded.count ELSE t.count + excluded.count END,
       money = coalesce(excluded.money, t.money), reason = excluded.reason, detail = t.detail || excluded.detail,
       amount = CASE WHEN excluded.money IS NULL THEN t.amount ELSE excluded.amount END,
       currency = CASE WHEN excluded.money IS NULL THEN t.currency ELSE excluded.currency END,
       is_mixed = CASE WHEN excluded.money IS NULL THEN t.is_mixed ELSE excluded.is_mixed END,
       legal_entity = coalesce(excluded.legal_entity, t.legal_entity),
       updated_at = clock_timestamp()
RETURNING t.id, t.cause, t.subject, t.count;

-- open_of_golden --
-- Open tasks that computing these golden records had opened, to close those that no longer hold.
SELECT id, golden_id, cause, subject
  FROM hub.task
 WHERE tenant_id = :tenant AND state = 'open' AND golden_id = ANY (CAST(:golden_ids AS uuid[]))
   AND cause = ANY (CAST(:causes AS text[]));

-- resolve --
-- Close tasks; answers those that were open. Whether two golden records are one is a question with an answer, and here is where
-- every way of answering it comes by: what is decided by now is kept as detail.answer (same, not_same, or none was given).
UPDATE hub.task AS t
   SET state = 'resolved', resolved_at = clock_timestamp(), updated_at = clock_timestamp(), resolution = :resolution,
       resolved_by = :actor,
       detail = CASE WHEN t.cause <> 'possible_duplicate' THEN t.detail
                     ELSE (t.detail - 'answer') || coalesce((
           WITH RECURSIVE way (side, id, steps) AS (
               VALUES (1, t.golden_id, 0), (2, CASE WHEN t.detail ->> 'other' ~ '^[0-9a-f-]{36}$' THEN CAST(t.detail ->> 'other' AS uuid) END, 0)
               UNION ALL
               SELECT w.side, f.survivor_id, w.steps + 1
                 FROM way w
                 JOIN hub.forward f ON f.tenant_id = :tenant AND f.loser_id = w.id
                WHERE w.steps < 200
           ), stands AS (
               SELECT (SELECT id FROM way WHERE side = 1 ORDER BY steps DESC LIMIT 1) AS one,
                      (SELECT id FROM way WHERE side = 2 ORDER BY steps DESC LIMIT 1) AS other
           )
           SELECT CASE
                  WHEN p.one = p.other THEN jsonb_build_object('answer', 'same')
                  WHEN EXISTS (SELECT FROM hub.source_record s
                                 JOIN hub.apart a ON a.tenant_id = s.tenant_id AND a.source_id = s.id
                                 JOIN hub.decision d ON d.tenant_id = a.tenant_id AND d.id = a.decision_id AND d.withdrawn_at IS NULL
                                 JOIN hub.apart b ON b.tenant_id = a.tenant_id AND b.decision_id = a.decision_id AND b.side <> a.side
                                 JOIN hub.source_record o ON o.tenant_id = b.tenant_id AND o.id = b.source_id AND o.golden_id = p.other
                                WHERE s.tenant_id = :tenant AND s.golden_id = p.one) THEN jsonb_build_object('answer', 'not_same')
                  WHEN EXISTS (SELECT FROM hub.source_record s
                                WHERE s.tenant_id = :tenant AND s.golden_id = p.other AND s.system = t.system
                                  AND concat_ws(' ', s.entity, s.system, s.object, s.external_id) = t.subject) THEN jsonb_build_object('answer', 'same')
                  END
             FROM stands p), '{}') END
 WHERE t.tenant_id = :tenant AND t.id = ANY (CAST(:ids AS bigint[])) AND t.state = 'open'
RETURNING t.id, t.cause, t.subject;

-- by_cause --
SELECT id
  FROM hub.task
 WHERE tenant_id = :tenant AND state = 'open' AND cause = :cause AND subject = ANY (CAST(:subjects AS text[]));

-- open_of_causes --
-- The open tasks of these causes as they were last stated, to write only what is new.
SELECT id, cause, subject, count, money, legal_entity
  FROM hub.task
 WHERE tenant_id = :tenant AND state = 'open' AND cause = ANY (CAST(:causes AS text[]));

-- give_to_actors --
-- Tasks nobody has taken go to the members these keys are of.
UPDATE hub.task AS t
   SET assignee_id = m.id, updated_at = clock_timestamp()
  FROM unnest(CAST(:ids AS bigint[]), CAST(:actors AS text[])) AS g (id, actor)
  JOIN hub.member_actor a ON a.tenant_id = :tenant AND a.actor = g.actor
  JOIN hub.member m ON m.tenant_id = :tenant AND m.id = a.member_id AND m.is_active AND NOT m.is_away
 WHERE t.tenant_id = :tenant AND t.id = g.id AND t.state = 'open' AND t.assignee_id IS NULL;
