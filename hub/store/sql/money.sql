-- The tasks behind a cell of the money board.

-- tasks --
SELECT t.id, t.cause, t.subject, t.entity, t.golden_id, t.system, t.team, t.count, t.money, t.reason, t.remedy, t.due_at, t.opened_at,
       t.legal_entity, t.assignee_id, t.amount, t.currency
  FROM hub.task t
 WHERE t.tenant_id = :tenant AND t.state = 'open' AND t.amount IS NOT NULL AND t.cause = ANY (CAST(:causes AS text[]))
   AND (CAST(:team AS text) IS NULL OR t.team = :team)
   AND (NOT CAST(:has_house AS boolean) OR t.legal_entity IS NOT DISTINCT FROM CAST(:house AS uuid))
   AND (CAST(:currency AS text) IS NULL OR t.currency = :currency)
 ORDER BY t.amount DESC, t.id
OFFSET CAST(:skip AS integer)
 LIMIT CAST(:most AS integer);

-- lanes --
-- Deliveries set aside for these tasks, to list the records behind them.
SELECT l.task_id, l.entity, l.golden_id, l.reason
  FROM hub.lane l
 WHERE l.tenant_id = :tenant AND l.task_id = ANY (CAST(:ids AS bigint[])) AND l.state = 'parked'
 ORDER BY l.task_id, l.golden_id
 LIMIT CAST(:most AS integer);
