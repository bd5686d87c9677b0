-- Money that open tasks hold up, let go: which tasks, and what of them can go on.

-- tasks --
-- The open tasks of one cell of the money board, locked so that nobody releases them twice.
SELECT id, subject, golden_id, count, money
  FROM hub.task
 WHERE tenant_id = :tenant AND state = 'open' AND cause = :cause
   AND (NOT CAST(:has_house AS boolean) OR legal_entity IS NOT DISTINCT FROM CAST(:house AS uuid))
   AND (CAST(:currency AS text) IS NULL OR currency = :currency)
   AND (CAST(:ids AS bigint[]) IS NULL OR id = ANY (:ids))
 ORDER BY id
   FOR UPDATE;

-- lanes --
-- Try the deliveries again that these tasks are about; answers them.
UPDATE hub.lane
   SET state = 'due', attempts = 0, next_try_at = statement_timestamp(), updated_at = statement_timestamp()
 WHERE tenant_id = :tenant AND state = 'parked' AND task_id = ANY (CAST(:ids AS bigint[]))
RETURNING golden_id;

-- document_lanes --
-- The same for the tasks that look over all invoices set aside: by system and legal entity.
UPDATE hub.lane l
   SET state = 'due', attempts = 0, next_try_at = statement_timestamp(), updated_at = statement_timestamp()
  FROM hub.subscription s, golden.invoice i, unnest(CAST(:systems AS text[]), CAST(:houses AS uuid[])) AS w (system, house)
 WHERE l.tenant_id = :tenant AND l.state = 'parked' AND l.entity = 'invoice'
   AND s.tenant_id = :tenant AND s.id = l.subscription_id AND s.system = w.system
   AND i.tenant_id = :tenant AND i.id = l.golden_id AND i.legal_entity_id IS NOT DISTINCT FROM w.house
RETURNING l.golden_id;

-- held_items --
-- How many items these billing holds hold.
SELECT count(*) FROM golden.billable_item WHERE tenant_id = :tenant AND hold_id = ANY (CAST(:ids AS uuid[])) AND state = 'held';
