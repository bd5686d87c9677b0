-- What has to be known before records are joined: money, projects, contracts, ancestors.

-- client_facts --
-- Per client: open receivables and unbilled items per currency, active projects, contracts signed and not ended.
WITH mine AS (
    SELECT unnest(CAST(:ids AS uuid[])) AS id
), money AS (
    SELECT i.client_id AS id, 'receivables' AS kind, i.open_amount_currency AS currency, sum(i.open_amount) AS amount
      FROM golden.invoice i
     WHERE i.tenant_id = :tenant AND i.client_id = ANY (CAST(:ids AS uuid[])) AND i.open_amount > 0 AND i.record_state = 'active'
     GROUP BY 1, 3
    UNION ALL
    SELECT p.client_id, 'unbilled', b.amount_currency, sum(b.amount)
      FROM golden.project p
      JOIN golden.billable_item b ON b.tenant_id = p.tenant_id AND b.project_id = p.id
     WHERE p.tenant_id = :tenant AND p.client_id = ANY (CAST(:ids AS uuid[])) AND b.record_state = 'active'
       AND b.state IN ('open', 'held', 'ready', 'drafted') AND b.amount <> 0
     GROUP BY 1, 3
)
SELECT m.id,
       (SELECT jsonb_object_agg(k.currency, k.amount::text) FROM money k WHERE k.id = m.id AND k.kind = 'receivables' AND k.currency IS NOT NULL) AS receivables,
       (SELECT jsonb_object_agg(k.currency, k.amount::text) FROM money k WHERE k.id = m.id AND k.kind = 'unbilled' AND k.currency IS NOT NULL) AS unbilled,
       (SELECT count(*) FROM golden.project p
         WHERE p.tenant_id = :tenant AND p.client_id = m.id AND p.record_state = 'active' AND p.state = 'active')::integer AS active_projects,
       (SELECT count(*) FROM golden.contract c
         WHERE c.tenant_id = :tenant AND c.client_id = m.id AND c.record_state = 'active' AND c.state = ANY (CAST(:signed AS text[])))::integer AS signed_contracts,
       0 AS items
  FROM mine m;

-- project_facts --
SELECT p.id, NULL::jsonb AS receivables,
       (SELECT jsonb_object_agg(u.currency, u.amount::text)
          FROM (SELECT b.amount_currency AS currency, sum(b.amount) AS amount
                  FROM golden.billable_item b
                 WHERE b.tenant_id = :tenant AND b.project_id = p.id AND b.record_state = 'active'
                   AND b.state IN ('open', 'held', 'ready', 'drafted') AND b.amount <> 0 AND b.amount_currency IS NOT NULL
                 GROUP BY 1) u) AS unbilled,
       (p.state = 'active')::integer AS active_projects, 0 AS signed_contracts,
       (EXISTS (SELECT FROM golden.billable_item b WHERE b.tenant_id = :tenant AND b.project_id = p.id)
        OR EXISTS (SELECT FROM golden.posting_line l WHERE l.tenant_id = :tenant AND l.project_id = p.id))::integer AS items
  FROM golden.project p
 WHERE p.tenant_id = :tenant AND p.id = ANY (CAST(:ids AS uuid[]));

-- contract_facts --
SELECT c.id, NULL::jsonb AS receivables, NULL::jsonb AS unbilled, 0 AS active_projects,
       (c.state = ANY (CAST(:signed AS text[])))::integer AS signed_contracts,
       EXISTS (SELECT FROM golden.contract_line l
                JOIN golden.billable_item b ON b.tenant_id = l.tenant_id AND b.contract_line_id = l.id
               WHERE l.tenant_id = :tenant AND l.contract_id = c.id)::integer AS items
  FROM golden.contract c
 WHERE c.tenant_id = :tenant AND c.id = ANY (CAST(:ids AS uuid[]));

-- ancestors --
-- Pairs of these clients of which one is above the other in a hierarchy.
WITH RECURSIVE up (id, above, steps) AS (
    SELECT r.from_client_id, r.to_client_id, 1
      FROM golden.client_relationship r
     WHERE r.tenant_id = :tenant AND r.from_client_id = ANY (CAST(:ids AS uuid[])) AND r.record_state = 'active'
       AND r.kind = ANY (CAST(:kinds AS text[]))
    UNION
    SELECT up.id, r.to_client_id, up.steps + 1
      FROM up
      JOIN golden.client_relationship r ON r.tenant_id = :tenant AND r.from_client_id = up.above
     WHERE r.record_state = 'active' AND up.steps < 50 AND r.kind = ANY (CAST(:kinds AS text[]))
)
SELECT DISTINCT id, above
  FROM up
 WHERE above = ANY (CAST(:ids AS uuid[])) AND above <> id;

-- withdraw_at --
-- Withdraw decisions at the instant of what follows from it; answers those that were in force.
UPDATE hub.decision
   SET withdrawn_at = CAST(:at AS timestamptz), withdrawn_by = :actor
 WHERE tenant_id = :tenant AND id = ANY (CAST(:ids AS bigint[])) AND withdrawn_at IS NULL
RETURNING id, kind, entity, golden_id, other_id, source_id, evidence;

-- decisions --
SELECT id, kind, entity, golden_id, other_id, source_id, field, value, reason, actor, rule, evidence, until, while_source, made_at,
       withdrawn_at
  FROM hub.decision
 WHERE tenant_id = :tenant AND id = ANY (CAST(:ids AS bigint[]))
 ORDER BY id;

-- picks_of --
-- Overrides in force that belong to these merges.
SELECT id
  FROM hub.decision
 WHERE tenant_id = :tenant AND kind = 'override' AND golden_id = ANY (CAST(:golden_ids AS uuid[])) AND withdrawn_at IS NULL
   AND CAST(evidence ->> 'merge' AS bigint) = ANY (CAST(:merges AS bigint[]));

-- tasks_between --
-- Open tasks that ask whether some of these golden records are the same, or that are about one that goes.
SELECT id
  FROM hub.task
 WHERE tenant_id = :tenant AND state = 'open'
   AND ((cause IN ('possible_duplicate', 'ambiguous') AND golden_id = ANY (CAST(:ids AS uuid[]))
         AND coalesce(detail ->> 'other', detail ->> 'linked_to') = ANY (CAST(:ids AS uuid[])::text[]))
        OR (golden_id = ANY (CAST(:losers AS uuid[]))
            AND cause IN ('proposed', 'rejected', 'ambiguous', 'deleted_transaction', 'locked', 'merge_at_source', 'possible_duplicate')));

-- reopen_tasks --
-- Open tasks again that a step closed which is undone, unless the same is open by now.
UPDATE hub.task t
   SET state = 'open', resolved_at = NULL, resolution = NULL, resolved_by = NULL, updated_at = clock_timestamp()
 WHERE t.tenant_id = :tenant AND t.id = ANY (CAST(:ids AS bigint[])) AND t.state = 'resolved'
   AND NOT EXISTS (SELECT FROM hub.task o
                    WHERE o.tenant_id = t.tenant_id AND o.cause = t.cause AND o.subject = t.subject AND o.state = 'open')
RETURNING t.id;

-- overrides_since --
-- What people fixed since a decision: on the survivor itself, and references that they pointed to it.
SELECT id, entity, golden_id, field, actor, reason, made_at
  FROM hub.decision
 WHERE tenant_id = :tenant AND kind = 'override' AND withdrawn_at IS NULL AND id > :after
   AND evidence ->> 'merge' IS NULL
   AND (golden_id = :survivor OR (value ->> 'id' = CAST(CAST(:survivor AS uuid) AS text) AND rule = ''))
 ORDER BY id;
