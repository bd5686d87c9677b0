-- The queue: tasks taken, given, asked about, put off, escalated, decided, and what was said of them.

-- lock --
-- Tasks as they are, held until the transaction ends, in one order.
SELECT id, state, cause, subject, entity, golden_id, source_id, system, field, team, risk, due_at, assignee_id, snoozed_until,
       question, legal_entity, region, amount, currency, money, count, detail, reason, suggestion, escalation, tags, claimed_at,
       resolved_at, resolution, resolved_by
  FROM hub.task
 WHERE tenant_id = :tenant AND id = ANY (CAST(:ids AS bigint[]))
 ORDER BY id
   FOR NO KEY UPDATE;

-- give --
-- Give tasks to people or, where the member is empty, to nobody.
UPDATE hub.task AS t
   SET assignee_id = g.member, claimed_at = CASE WHEN g.member IS NULL THEN NULL ELSE clock_timestamp() END,
       updated_at = clock_timestamp()
  FROM unnest(CAST(:ids AS bigint[]), CAST(:members AS uuid[])) AS g (id, member)
 WHERE t.tenant_id = :tenant AND t.id = g.id AND t.state = 'open';

-- load --
-- How many open tasks each member has, those put off apart.
SELECT assignee_id, count(*) AS tasks
  FROM hub.task
 WHERE tenant_id = :tenant AND state = 'open' AND assignee_id IS NOT NULL
   AND (snoozed_until IS NULL OR snoozed_until <= clock_timestamp())
 GROUP BY assignee_id;

-- put_off --
-- Put tasks off until an instant, with or without a question to somebody.
UPDATE hub.task
   SET snoozed_until = :until, question = CAST(:question AS jsonb), updated_at = clock_timestamp()
 WHERE tenant_id = :tenant AND id = ANY (CAST(:ids AS bigint[])) AND state = 'open';

-- wake --
-- Tasks whose time has come are to be seen again; answers them.
UPDATE hub.task
   SET snoozed_until = NULL, updated_at = clock_timestamp()
 WHERE tenant_id = :tenant AND state = 'open' AND snoozed_until <= clock_timestamp()
RETURNING id, question;

-- answered --
-- A question was answered: the task is to be seen again, the question stays readable in its events.
UPDATE hub.task
   SET snoozed_until = NULL, question = NULL, updated_at = clock_timestamp()
 WHERE tenant_id = :tenant AND id = :id AND state = 'open' AND question IS NOT NULL
RETURNING id;

-- tag --
UPDATE hub.task
   SET tags = CAST(:tags AS text[]), updated_at = clock_timestamp()
 WHERE tenant_id = :tenant AND id = ANY (CAST(:ids AS bigint[]));

-- reopen --
-- Open resolved tasks again, unless the same cause and subject is open anew.
UPDATE hub.task AS t
   SET state = 'open', resolved_at = NULL, resolution = NULL, resolved_by = NULL, updated_at = clock_timestamp()
 WHERE t.tenant_id = :tenant AND t.id = ANY (CAST(:ids AS bigint[])) AND t.state = 'resolved'
   AND NOT EXISTS (SELECT FROM hub.task o WHERE o.tenant_id = t.tenant_id AND o.cause = t.cause AND o.subject = t.subject AND o.state = 'open')
RETURNING t.id;

-- note --
-- Keep what was done with tasks and said of them.
INSERT INTO hub.task_event (tenant_id, task_id, kind, actor, comment, detail)
SELECT :tenant, g.task_id, g.kind, g.actor, coalesce(g.comment, ''), coalesce(g.detail, '{}')
  FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS g (task_id bigint, kind text, actor text, comment text, detail jsonb);

-- last_steps --
-- The newest thing that happened to each task, and whether it was taken back already.
SELECT DISTINCT ON (e.task_id) e.task_id, e.id, e.kind, e.actor, e.detail
  FROM hub.task_event e
 WHERE e.tenant_id = :tenant AND e.task_id = ANY (CAST(:ids AS bigint[]))
 ORDER BY e.task_id, e.id DESC;

-- restore --
-- Tasks as they stood before a step; one that would be open beside its like stays as it is. Answers those that are so again.
UPDATE hub.task AS t
   SET assignee_id = g.assignee_id, claimed_at = g.claimed_at, snoozed_until = g.snoozed_until, question = g.question, tags = g.tags,
       state = g.state, resolved_at = g.resolved_at, resolution = g.resolution, resolved_by = g.resolved_by, updated_at = clock_timestamp()
  FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS g (
       id bigint, assignee_id uuid, claimed_at timestamptz, snoozed_until timestamptz, question jsonb, tags text[], state text,
       resolved_at timestamptz, resolution text, resolved_by text)
 WHERE t.tenant_id = :tenant AND t.id = g.id
   AND NOT (g.state = 'open' AND t.state = 'resolved' AND EXISTS (
        SELECT FROM hub.task o WHERE o.tenant_id = t.tenant_id AND o.cause = t.cause AND o.subject = t.subject AND o.state = 'open'))
RETURNING t.id;

-- unrouted --
-- Open tasks whose place nobody has looked up yet. Skips those another sweep holds.
SELECT id, cause, subject, entity, golden_id, system, field, team, opened_at, money, amount, currency, legal_entity, region, risk,
       detail, correlation_id
  FROM hub.task
 WHERE tenant_id = :tenant AND state = 'open' AND routed_at IS NULL
 ORDER BY id
 LIMIT :most
   FOR NO KEY UPDATE SKIP LOCKED;

-- routed --
-- Say where tasks go. Who was given a task keeps it; its due time moves only before anybody was told of it.
UPDATE hub.task AS t
   SET team = g.team, due_at = t.opened_at + make_interval(hours => g.due_h), priority = g.priority, legal_entity = g.legal_entity,
       region = g.region, money = coalesce(g.money, t.money), amount = g.amount, currency = g.currency, is_mixed = g.is_mixed,
       suggestion = g.suggestion, routed_at = clock_timestamp(), updated_at = clock_timestamp()
  FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS g (
       id bigint, team text, due_h integer, priority smallint, legal_entity uuid, region text, money jsonb, amount numeric,
       currency text, is_mixed boolean, suggestion jsonb)
 WHERE t.tenant_id = :tenant AND t.id = g.id;

-- to_escalate --
-- Tasks that passed a mark: 1 a quarter of their time before they are due, 2 when due, 3 a whole further span later.
SELECT id, cause, subject, entity, system, team, legal_entity, region, amount, priority, escalation, assignee_id, due_at, opened_at,
       CASE WHEN clock_timestamp() >= due_at + (due_at - opened_at) THEN 3
            WHEN clock_timestamp() >= due_at THEN 2 ELSE 1 END AS mark
  FROM hub.task
 WHERE tenant_id = :tenant AND state = 'open' AND (snoozed_until IS NULL OR snoozed_until <= clock_timestamp())
   AND due_at <= clock_timestamp() + interval '30 days'
   AND escalation < CASE WHEN clock_timestamp() >= due_at + (due_at - opened_at) THEN 3
                         WHEN clock_timestamp() >= due_at THEN 2
                         WHEN clock_timestamp() >= due_at - (due_at - opened_at) / 4 THEN 1 ELSE 0 END
 ORDER BY due_at, id
 LIMIT :most
   FOR NO KEY UPDATE SKIP LOCKED;

-- escalated --
UPDATE hub.task AS t
   SET escalation = g.mark, escalated_at = clock_timestamp(), updated_at = clock_timestamp(), team = g.team, priority = g.priority,
       assignee_id = g.assignee
  FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS g (id bigint, mark smallint, team text, priority smallint, assignee uuid)
 WHERE t.tenant_id = :tenant AND t.id = g.id;

-- of_the_away --
-- Open tasks of members who are away or have left.
SELECT t.id, t.assignee_id, t.team, t.legal_entity, t.region
  FROM hub.task t
  JOIN hub.member m ON m.tenant_id = t.tenant_id AND m.id = t.assignee_id
 WHERE t.tenant_id = :tenant AND t.state = 'open' AND (m.is_away OR NOT m.is_active)
 ORDER BY t.id
   FOR NO KEY UPDATE OF t SKIP LOCKED;

-- overtaken --
-- Tasks all of whose messages were overtaken: a later message about the same record was taken meanwhile.
SELECT t.id
  FROM hub.task t
 WHERE t.tenant_id = :tenant AND t.state = 'open' AND t.cause = ANY (CAST(:causes AS text[]))
   AND EXISTS (SELECT FROM hub.inbox_outcome o WHERE o.tenant_id = t.tenant_id AND o.task_id = t.id)
   AND NOT EXISTS (SELECT FROM hub.inbox_outcome o
                     JOIN hub.inbox i ON i.tenant_id = o.tenant_id AND i.id = o.inbox_id
                    WHERE o.tenant_id = t.tenant_id AND o.task_id = t.id
                      AND NOT EXISTS (SELECT FROM hub.source_record s
                                       WHERE s.tenant_id = i.tenant_id AND s.system = i.system AND s.object = i.object
                                         AND s.external_id = i.external_id AND s.message_id > i.id));

-- answered_pairs --
-- Questions whether two golden records are one that are answered: they are one by now, one of them holds no source record any
-- more, or a "not the same" keeps them apart. Over the newest :most questions.
SELECT t.id, CASE WHEN p.one = p.other THEN 'they are one record by now' ELSE 'they are kept apart, or one of them is gone' END AS why
  FROM (SELECT id, golden_id, CAST(detail ->> 'other' AS uuid) AS other FROM hub.task
         WHERE tenant_id = :tenant AND state = 'open' AND cause = 'possible_duplicate' AND golden_id IS NOT NULL
           AND detail ->> 'other' ~ '^[0-9a-f-]{36}$'
         ORDER BY id DESC LIMIT :most) AS t
  LEFT JOIN hub.forward fo ON fo.tenant_id = :tenant AND fo.loser_id = t.golden_id
  LEFT JOIN hub.forward ft ON ft.tenant_id = :tenant AND ft.loser_id = t.other
 CROSS JOIN LATERAL (SELECT coalesce(fo.survivor_id, t.golden_id) AS one, coalesce(ft.survivor_id, t.other) AS other) AS p
 WHERE p.one = p.other
    OR NOT EXISTS (SELECT FROM hub.source_record s WHERE s.tenant_id = :tenant AND s.golden_id = p.one AND s.state = 'present')
    OR NOT EXISTS (SELECT FROM hub.source_record s WHERE s.tenant_id = :tenant AND s.golden_id = p.other AND s.state = 'present')
    OR EXISTS (SELECT FROM hub.source_record s
                 JOIN hub.apart a ON a.tenant_id = s.tenant_id AND a.source_id = s.id
                 JOIN hub.decision d ON d.tenant_id = a.tenant_id AND d.id = a.decision_id AND d.withdrawn_at IS NULL
                 JOIN hub.apart b ON b.tenant_id = a.tenant_id AND b.decision_id = a.decision_id AND b.side <> a.side
                 JOIN hub.source_record o ON o.tenant_id = b.tenant_id AND o.id = b.source_id AND o.golden_id = p.other
                WHERE s.tenant_id = :tenant AND s.golden_id = p.one);

-- route_again --
-- The rules changed: every open task is looked at again.
UPDATE hub.task SET routed_at = NULL WHERE tenant_id = :tenant AND state = 'open' AND routed_at IS NOT NULL;

-- resolutions --
-- How people resolved tasks like these: same cause, system and field, in the last year, newest 2,000.
SELECT cause, coalesce(system, '') AS system, coalesce(field, '') AS field, kind, resolution, sum(tasks) AS tasks
  FROM (SELECT r.cause, r.system, r.field, coalesce(e.detail ->> 'action', 'resolve') AS kind, coalesce(r.resolution, '') AS resolution, 1 AS tasks
          FROM hub.task r
          LEFT JOIN LATERAL (SELECT detail FROM hub.task_event e
                              WHERE e.tenant_id = r.tenant_id AND e.task_id = r.id AND e.kind = 'resolve'
                              ORDER BY e.id DESC LIMIT 1) AS e ON true
         WHERE r.tenant_id = :tenant AND r.state = 'resolved' AND r.cause = ANY (CAST(:causes AS text[]))
           AND r.resolved_by <> 'hub' AND r.resolved_at > clock_timestamp() - interval '365 days'
         ORDER BY r.id DESC LIMIT 2000) AS done
 GROUP BY 1, 2, 3, 4, 5;
