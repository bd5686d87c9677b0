-- What tasks are about in money, and which money is held up.

-- money_of --
-- Money at stake by golden record and currency: what a client or account owes and what is not billed yet, else the record's own.
WITH wanted AS (SELECT unnest(CAST(:ids AS uuid[])) AS id),
     held (golden_id, currency, amount) AS (
    SELECT i.client_id, i.open_amount_currency, i.open_amount
      FROM golden.invoice i JOIN wanted w ON w.id = i.client_id
     WHERE i.tenant_id = :tenant AND i.open_amount > 0 AND i.record_state = 'active'
     UNION ALL
    SELECT i.billing_account_id, i.open_amount_currency, i.open_amount
      FROM golden.invoice i JOIN wanted w ON w.id = i.billing_account_id
     WHERE i.tenant_id = :tenant AND i.open_amount > 0 AND i.record_state = 'active'
     UNION ALL
    SELECT p.client_id, b.amount_currency, b.amount
      FROM golden.project p JOIN wanted w ON w.id = p.client_id
      JOIN golden.billable_item b ON b.tenant_id = p.tenant_id AND b.project_id = p.id
     WHERE p.tenant_id = :tenant AND b.state IN ('open', 'held', 'ready', 'drafted') AND b.record_state = 'active'
     UNION ALL
    SELECT b.project_id, b.amount_currency, b.amount
      FROM golden.billable_item b JOIN wanted w ON w.id = b.project_id
     WHERE b.tenant_id = :tenant AND b.state IN ('open', 'held', 'ready', 'drafted') AND b.record_state = 'active'
     UNION ALL
    SELECT l.contract_id, b.amount_currency, b.amount
      FROM golden.contract_line l JOIN wanted w ON w.id = l.contract_id
      JOIN golden.billable_item b ON b.tenant_id = l.tenant_id AND b.contract_line_id = l.id
     WHERE l.tenant_id = :tenant AND b.state IN ('open', 'held', 'ready', 'drafted') AND b.record_state = 'active'
     UNION ALL
    SELECT b.id, b.amount_currency, b.amount FROM golden.billable_item b JOIN wanted w ON w.id = b.id WHERE b.tenant_id = :tenant
     UNION ALL
    SELECT i.id, coalesce(i.open_amount_currency, i.gross_currency), coalesce(i.open_amount, i.gross)
      FROM golden.invoice i JOIN wanted w ON w.id = i.id WHERE i.tenant_id = :tenant
     UNION ALL
    SELECT c.id, coalesce(c.open_amount_currency, c.gross_currency), coalesce(c.open_amount, c.gross)
      FROM golden.credit_memo c JOIN wanted w ON w.id = c.id WHERE c.tenant_id = :tenant
     UNION ALL
    SELECT e.id, coalesce(e.to_bill_currency, e.reimbursed_currency, e.incurred_currency), coalesce(e.to_bill, e.reimbursed, e.incurred)
      FROM golden.expense e JOIN wanted w ON w.id = e.id WHERE e.tenant_id = :tenant
     UNION ALL
    SELECT t.id, coalesce(b.amount_currency, a.bill_rate_currency), coalesce(b.amount, round(t.quantity * a.bill_rate, 2))
      FROM golden.time_entry t JOIN wanted w ON w.id = t.id
      LEFT JOIN golden.billable_item b ON b.tenant_id = t.tenant_id AND b.id = t.billable_item_id
      LEFT JOIN golden.assignment a ON a.tenant_id = t.tenant_id AND a.id = t.assignment_id
     WHERE t.tenant_id = :tenant
     UNION ALL
    SELECT p.id, p.amount_currency, p.amount FROM golden.payment p JOIN wanted w ON w.id = p.id WHERE p.tenant_id = :tenant
     UNION ALL
    SELECT m.id, m.amount_currency, m.amount FROM golden.milestone m JOIN wanted w ON w.id = m.id WHERE m.tenant_id = :tenant
     UNION ALL
    SELECT o.id, o.amount_currency, o.amount FROM golden.opportunity o JOIN wanted w ON w.id = o.id WHERE o.tenant_id = :tenant
)
SELECT golden_id, currency, sum(amount)::text AS amount
  FROM held
 WHERE currency IS NOT NULL AND amount IS NOT NULL AND amount <> 0
 GROUP BY golden_id, currency
 ORDER BY golden_id, currency;

-- missing_client_po --
-- Items to be billed to accounts that want the client's purchase order, without one; one task an account.
SELECT ba.id::text AS subject, 'billing_account' AS entity, ba.id AS golden_id, ba.legal_entity_id AS legal_entity,
       count(*)::integer AS count, jsonb_agg(DISTINCT p.code) FILTER (WHERE p.code IS NOT NULL) AS named,
       ba.account_no AS name, b.amount_currency AS currency, sum(b.amount)::text AS amount
  FROM golden.billable_item b
  JOIN golden.project p ON p.tenant_id = b.tenant_id AND p.id = b.project_id
  LEFT JOIN golden.contract_line l ON l.tenant_id = b.tenant_id AND l.id = b.contract_line_id
  JOIN golden.contract c ON c.tenant_id = b.tenant_id AND c.id = coalesce(l.contract_id, p.contract_id)
  JOIN golden.billing_account ba ON ba.tenant_id = b.tenant_id AND ba.id = c.billing_account_id AND ba.po_required
 WHERE b.tenant_id = :tenant AND b.state IN ('open', 'ready') AND b.record_state = 'active' AND b.client_po_id IS NULL
   AND NOT EXISTS (SELECT FROM golden.client_purchase_order o
                    WHERE o.tenant_id = b.tenant_id AND o.client_id = c.client_id AND o.record_state = 'active'
                      AND coalesce(o.state, '') NOT IN ('closed', 'exhausted', 'cancelled')
                      AND (o.contract_id = c.id OR (o.contract_id IS NULL AND o.billing_account_id = ba.id)))
 GROUP BY ba.tenant_id, ba.id, ba.legal_entity_id, ba.account_no, b.amount_currency;

-- unmapped_tax --
-- Items ready to be billed without a tax category of their own, their line's or their contract's; one task a project.
SELECT p.id::text AS subject, 'project' AS entity, p.id AS golden_id, p.legal_entity_id AS legal_entity, count(*)::integer AS count,
       NULL::jsonb AS named, p.code AS name, b.amount_currency AS currency, sum(b.amount)::text AS amount
  FROM golden.billable_item b
  JOIN golden.project p ON p.tenant_id = b.tenant_id AND p.id = b.project_id
  LEFT JOIN golden.contract_line l ON l.tenant_id = b.tenant_id AND l.id = b.contract_line_id
  LEFT JOIN golden.contract c ON c.tenant_id = b.tenant_id AND c.id = coalesce(l.contract_id, p.contract_id)
  LEFT JOIN golden.billing_account ba ON ba.tenant_id = b.tenant_id AND ba.id = c.billing_account_id
 WHERE b.tenant_id = :tenant AND b.state = 'ready' AND b.record_state = 'active'
   AND coalesce(b.tax_category, l.tax_category, c.tax_treatment, ba.tax_class) IS NULL
 GROUP BY p.tenant_id, p.id, p.legal_entity_id, p.code, b.amount_currency;

-- unapproved_time --
-- Billable time of months that are over, not approved; one task a project and month. Money is what it would bill at.
SELECT p.id || ' ' || to_char(t.work_date, 'YYYY-MM') AS subject, 'project' AS entity, p.id AS golden_id,
       coalesce(t.legal_entity_id, p.legal_entity_id) AS legal_entity, count(*)::integer AS count, NULL::jsonb AS named,
       coalesce(p.code, p.name) || ' ' || to_char(t.work_date, 'YYYY-MM') AS name, a.bill_rate_currency AS currency,
       round(sum(t.quantity * a.bill_rate), 2)::text AS amount
  FROM golden.time_entry t
  JOIN golden.project p ON p.tenant_id = t.tenant_id AND p.id = t.project_id
  LEFT JOIN golden.assignment a ON a.tenant_id = t.tenant_id AND a.id = t.assignment_id
 WHERE t.tenant_id = :tenant AND t.work_date < CAST(:month AS date) AND t.work_date >= CAST(:month AS date) - interval '1 year'
   AND t.state IN ('draft', 'submitted') AND t.record_state = 'active' AND coalesce(t.billable, true)
 GROUP BY p.tenant_id, p.id, p.code, p.name, coalesce(t.legal_entity_id, p.legal_entity_id), to_char(t.work_date, 'YYYY-MM'),
          a.bill_rate_currency;

-- unapproved_expense --
SELECT p.id || ' ' || to_char(e.incurred_on, 'YYYY-MM') AS subject, 'project' AS entity, p.id AS golden_id,
       coalesce(e.legal_entity_id, p.legal_entity_id) AS legal_entity, count(*)::integer AS count, NULL::jsonb AS named,
       coalesce(p.code, p.name) || ' ' || to_char(e.incurred_on, 'YYYY-MM') AS name,
       coalesce(e.to_bill_currency, e.incurred_currency) AS currency, sum(coalesce(e.to_bill, e.incurred))::text AS amount
  FROM golden.expense e
  JOIN golden.project p ON p.tenant_id = e.tenant_id AND p.id = e.project_id
 WHERE e.tenant_id = :tenant AND e.incurred_on < CAST(:month AS date) AND e.incurred_on >= CAST(:month AS date) - interval '1 year'
   AND e.state IN ('draft', 'submitted') AND e.record_state = 'active' AND coalesce(e.billable, true)
 GROUP BY p.tenant_id, p.id, p.code, p.name, coalesce(e.legal_entity_id, p.legal_entity_id), to_char(e.incurred_on, 'YYYY-MM'),
          coalesce(e.to_bill_currency, e.incurred_currency);

-- parked_lane --
-- Documents set aside on their way to a system; one task a system and legal entity.
SELECT s.system || ' ' || coalesce(i.legal_entity_id::text, '-') AS subject, 'invoice' AS entity, NULL::uuid AS golden_id,
       i.legal_entity_id AS legal_entity, count(*)::integer AS count, NULL::jsonb AS named, s.system AS name,
       coalesce(i.open_amount_currency, i.gross_currency) AS currency, sum(coalesce(i.open_amount, i.gross))::text AS amount
  FROM hub.lane l
  JOIN hub.subscription s ON s.tenant_id = l.tenant_id AND s.id = l.subscription_id
  JOIN golden.invoice i ON i.tenant_id = l.tenant_id AND i.id = l.golden_id
 WHERE l.tenant_id = :tenant AND l.state = 'parked' AND l.entity = 'invoice'
 GROUP BY s.system, i.legal_entity_id, coalesce(i.open_amount_currency, i.gross_currency);

-- awaited_parent --
-- Money on records that wait for one no system has told us of; one task an awaited record.
SELECT s.system || ' ' || s.object || ' ' || s.external_id || ' ' || s.entity AS subject, s.entity, NULL::uuid AS golden_id,
       NULL::uuid AS legal_entity, count(*)::integer AS count, NULL::jsonb AS named,
       s.system || ' ' || s.object || ' ' || s.external_id AS name, m.value ->> 'currency' AS currency,
       sum(CAST(m.value ->> 'amount' AS numeric))::text AS amount
  FROM hub.awaiting a
  JOIN hub.source_record s ON s.tenant_id = a.tenant_id AND s.id = a.source_id AND s.state = 'awaited'
  JOIN hub.source_record w ON w.tenant_id = a.tenant_id AND w.golden_id = a.golden_id AND w.state = 'present'
 CROSS JOIN LATERAL (
       SELECT coalesce(w."values" -> 'amount', w."values" -> 'gross', w."values" -> 'to_bill', w."values" -> 'incurred') AS value) AS m
 WHERE a.tenant_id = :tenant AND a.is_required AND jsonb_typeof(m.value) = 'object' AND m.value ? 'currency'
   AND a.since < clock_timestamp() - make_interval(secs => :grace_s)
 GROUP BY s.system, s.object, s.external_id, s.entity, m.value ->> 'currency';

-- open_hold --
-- Billing holds past the day they were to be looked at; one task a hold.
SELECT h.id::text AS subject, 'billing_hold' AS entity, h.id AS golden_id, p.legal_entity_id AS legal_entity, 1 AS count,
       NULL::jsonb AS named, concat_ws(' ', h.level, h.reason) AS name, coalesce(h.amount_currency, b.amount_currency) AS currency,
       coalesce(h.amount, b.amount)::text AS amount
  FROM golden.billing_hold h
  LEFT JOIN golden.project p ON p.tenant_id = h.tenant_id AND p.id = h.project_id
  LEFT JOIN LATERAL (
       SELECT x.amount_currency, sum(x.amount) AS amount FROM golden.billable_item x
        WHERE x.tenant_id = h.tenant_id AND x.hold_id = h.id AND x.state = 'held' GROUP BY x.amount_currency) AS b ON h.amount IS NULL
 WHERE h.tenant_id = :tenant AND h.state = 'placed' AND h.record_state = 'active' AND h.review_on < CAST(:today AS date);

-- project_without_financials --
-- Active billable projects the books know nothing of; one task a project.
SELECT p.id::text AS subject, 'project' AS entity, p.id AS golden_id, p.legal_entity_id AS legal_entity, 1 AS count, NULL::jsonb AS named,
       coalesce(p.code, p.name) AS name, NULL::text AS currency, NULL::text AS amount
  FROM golden.project p
 WHERE p.tenant_id = :tenant AND p.state = 'active' AND p.record_state = 'active' AND coalesce(p.billable, true)
   AND EXISTS (SELECT FROM golden.project_financials f WHERE f.tenant_id = p.tenant_id)
   AND NOT EXISTS (SELECT FROM golden.project_financials f
                    WHERE f.tenant_id = p.tenant_id AND f.project_id = p.id AND f.record_state = 'active');

-- disputed_invoice --
-- Open documents the client disputes; one task a document.
SELECT i.id::text AS subject, 'invoice' AS entity, i.id AS golden_id, i.legal_entity_id AS legal_entity, 1 AS count, NULL::jsonb AS named,
       coalesce(i.number, '') AS name, i.open_amount_currency AS currency, i.open_amount::text AS amount
  FROM golden.invoice i
 WHERE i.tenant_id = :tenant AND i.open_amount > 0 AND i.record_state = 'active' AND (i.disputed_since IS NOT NULL OR i.dispute_reason IS NOT NULL);
