-- The period gate of postings: which accounting periods are closed, and what waits for them.

-- periods --
-- Periods of these legal entities that hold a day between :first and :last.
SELECT id, legal_entity_id, module, period, state, starts_on, ends_on
  FROM golden.accounting_period
 WHERE tenant_id = :tenant AND record_state = 'active' AND legal_entity_id = ANY (CAST(:legal_entities AS uuid[]))
   AND starts_on <= CAST(:last AS date) AND ends_on >= CAST(:first AS date) AND NOT coalesce(is_adjustment, false)
 ORDER BY id;

-- backlog --
-- What waits for closed periods, per system and period: how many, and their money per currency.
SELECT s.system, l.gate_id, p.legal_entity_id, e.code AS house, p.module, p.period, p.state, sum(l.lanes) AS lanes,
       jsonb_agg(jsonb_build_object('amount', CAST(l.amount AS text), 'currency', l.currency) ORDER BY l.currency)
           FILTER (WHERE l.currency IS NOT NULL) AS money
  FROM (SELECT w.subscription_id, w.gate_id, w.gate_money ->> 'currency' AS currency, count(*) AS lanes,
               sum(CAST(w.gate_money ->> 'amount' AS numeric)) AS amount
          FROM hub.lane w
         WHERE w.tenant_id = :tenant AND w.gate_id IS NOT NULL
         GROUP BY w.subscription_id, w.gate_id, w.gate_money ->> 'currency') l
  JOIN hub.subscription s ON s.tenant_id = :tenant AND s.id = l.subscription_id
  JOIN golden.accounting_period p ON p.tenant_id = :tenant AND p.id = l.gate_id
  LEFT JOIN golden.legal_entity e ON e.tenant_id = :tenant AND e.id = p.legal_entity_id
 GROUP BY s.system, l.gate_id, p.legal_entity_id, e.code, p.module, p.period, p.state;

-- release --
-- Lanes whose period is open now, or is no longer known, are due.
UPDATE hub.lane l
   SET state = 'due', gate_id = NULL, gate_money = NULL, reason = NULL, next_try_at = statement_timestamp(), updated_at = statement_timestamp()
 WHERE l.tenant_id = :tenant AND l.gate_id IS NOT NULL AND l.state = 'waiting'
   AND NOT EXISTS (SELECT FROM golden.accounting_period p
                    WHERE p.tenant_id = l.tenant_id AND p.id = l.gate_id AND p.record_state = 'active'
                      AND coalesce(p.state, 'open') <> 'open')
RETURNING l.golden_id;

-- tenants_with_gates --
-- Tenants with something that waits for a period, or an open task that says so.
SELECT t.id AS tenant_id
  FROM hub.tenant t
 WHERE EXISTS (SELECT FROM hub.lane l WHERE l.tenant_id = t.id AND l.gate_id IS NOT NULL)
    OR EXISTS (SELECT FROM hub.task k WHERE k.tenant_id = t.id AND k.state = 'open' AND k.cause = 'closed_period');

-- closing --
-- Legal entities of any tenant with a period that is over and still open: what is posted into it is urgent.
SELECT tenant_id, legal_entity_id, min(starts_on) AS first, max(ends_on) AS last
  FROM golden.accounting_period
 WHERE record_state = 'active' AND coalesce(state, 'open') = 'open' AND NOT coalesce(is_adjustment, false)
   AND ends_on < current_date AND ends_on > current_date - 62
 GROUP BY tenant_id, legal_entity_id;

-- open_tasks --
SELECT id, subject, count, money
  FROM hub.task
 WHERE tenant_id = :tenant AND state = 'open' AND cause = 'closed_period';
