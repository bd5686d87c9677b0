-- A firm's clients, contracts and projects by plain INSERT; bench.tenant and bench.clients are settings of the session.
-- Per client 1.5 contracts and 3 projects: six clients in ten have five projects each, the others none. One name in
-- nineteen needs escaping in JSON, which plain_version says of the others. An account manager has 250 clients, a project's manager 1,000 projects.
SET session_replication_role = replica;

CREATE FUNCTION pg_temp.tenant() RETURNS integer STABLE LANGUAGE sql AS $$ SELECT current_setting('bench.tenant')::integer $$;
CREATE FUNCTION pg_temp.clients() RETURNS integer STABLE LANGUAGE sql AS $$ SELECT current_setting('bench.clients')::integer $$;

-- Ids in the order of making, as version 7 has them.
CREATE FUNCTION pg_temp.uid(kind integer, n bigint) RETURNS uuid IMMUTABLE LANGUAGE sql AS $$
    SELECT ('0190' || lpad(to_hex(n), 8, '0') || '7' || lpad(to_hex(kind), 3, '0') || 'a' || substr(md5(kind || ':' || n), 1, 15))::uuid
$$;
CREATE FUNCTION pg_temp.one_of(choices text[], n bigint) RETURNS text IMMUTABLE LANGUAGE sql AS $$
    SELECT choices[1 + n % array_length(choices, 1)]
$$;

INSERT INTO hub.system (tenant_id, name, kind) SELECT pg_temp.tenant(), name, name FROM unnest(ARRAY['crm', 'erp']) AS name;

INSERT INTO golden.resource (tenant_id, id, version, record_state, created_at, updated_at, plain_version, given_name, family_name, employee_no, state)
SELECT pg_temp.tenant(), pg_temp.uid(1, n), 1, 'active', '2024-01-01', '2024-01-01', 1, 'Given ' || n, 'Family ' || n, 'E' || n, 'active'
  FROM generate_series(0, greatest(pg_temp.clients() / 250, pg_temp.clients() * 3 / 1000) - 1) AS n;

INSERT INTO golden.client (
       tenant_id, id, version, record_state, created_at, updated_at, plain_version, name, legal_name, kind, register, registration_no, duns,
       street, city, postcode, region, country, domain, website, phone, email, industry, segment, tier, language,
       account_manager_id, protected, do_not_contact, blocked, state)
SELECT pg_temp.tenant(), pg_temp.uid(2, n), 1, 'active',
       timestamptz '2024-01-01' + n * interval '1 minute', timestamptz '2025-01-01' + n * interval '37 seconds', CASE WHEN n % 19 <> 0 THEN 1 END,
       CASE WHEN n % 19 = 0 THEN format('"%s" & Söhne %s', word, n) ELSE format('%s Consulting %s', word, n) END,
       format('%s Holding GmbH %s', word, n), 'organisation', 'HRB', 'HRB ' || (100000 + n), (200000000 + n)::text,
       format('Harbour Road %s', n % 97), pg_temp.one_of(ARRAY['Lyon', 'Leeds', 'Bergen', 'Austin', 'Zürich'], n), (10000 + n % 80000)::text,
       pg_temp.one_of(ARRAY['ARA', 'YKS', 'VLD', 'TX', 'ZH'], n), pg_temp.one_of(ARRAY['FR', 'GB', 'NO', 'US', 'CH'], n),
       format('client-%s.example', n), format('https://www.client-%s.example/', n), '+4930' || (3000000 + n), format('office@client-%s.example', n),
       pg_temp.one_of(ARRAY['banking', 'energy', 'health', 'retail'], n / 3), pg_temp.one_of(ARRAY['enterprise', 'mid', 'small'], n / 7),
       pg_temp.one_of(ARRAY['A', 'B', 'C'], n / 2), pg_temp.one_of(ARRAY['fr', 'en', 'no', 'de'], n),
       pg_temp.uid(1, n % (pg_temp.clients() / 250)), n % 50 = 0, n % 11 = 0, n % 101 = 0,
       pg_temp.one_of(ARRAY['active', 'active', 'active', 'prospect', 'dormant'], n / 5)
  FROM generate_series(0, pg_temp.clients() - 1) AS n, LATERAL pg_temp.one_of(ARRAY['Nordlicht', 'Kessler', 'Aurum', 'Tallis', 'Brook', 'Meridian'], n) AS word;

INSERT INTO golden.contract (
       tenant_id, id, version, record_state, created_at, updated_at, plain_version, contract_no, name, kind, client_id, currency, total_value,
       total_value_currency, signed_on, start_date, end_date, payment_terms, type, terms_version, state)
SELECT pg_temp.tenant(), pg_temp.uid(3, n), 1, 'active', '2024-03-01', '2024-03-01', 1, format('C-%s', 100000 + n), format('Statement of work %s', n),
       'sow', pg_temp.uid(2, n % pg_temp.clients()), currency, 10000 + n % 90000, currency,
       date '2023-01-01' + (n % 900)::integer, date '2023-02-01' + (n % 900)::integer, date '2026-02-01' + (n % 900)::integer, 'NET30',
       pg_temp.one_of(ARRAY['time_and_materials', 'fixed_fee'], n), 1, pg_temp.one_of(ARRAY['signed', 'active', 'closed'], n)
  FROM generate_series(0, pg_temp.clients() * 3 / 2 - 1) AS n, LATERAL pg_temp.one_of(ARRAY['EUR', 'USD', 'GBP', 'CHF'], n) AS currency;

-- Project n is the (n % 5)th of a client with projects; it goes under one of the client's contracts.
INSERT INTO golden.project (
       tenant_id, id, version, record_state, created_at, updated_at, plain_version, code, name, client_id, contract_id, kind, billable, manager_id,
       start_date, end_date, percent_complete, health, currency, time_open, expense_open, billing_open, state)
SELECT pg_temp.tenant(), pg_temp.uid(4, n), 1, 'active', '2024-04-01', '2024-04-01', CASE WHEN n % 19 <> 0 THEN 1 END, format('P-%s', 100000 + n),
       CASE WHEN n % 19 = 0 THEN format('Phase "%s"', n) ELSE format('Implementation %s', n) END,
       pg_temp.uid(2, client), pg_temp.uid(3, client + pg_temp.clients() * (n % 2) * (client < pg_temp.clients() / 2)::integer),
       pg_temp.one_of(ARRAY['external', 'internal', 'presales'], n), n % 10 < 8, pg_temp.uid(1, n * 7919 % greatest(pg_temp.clients() * 3 / 1000, 1)),
       date '2023-01-01' + (n % 1100)::integer, date '2024-06-01' + (n % 1100)::integer, round((n % 1001)::numeric / 10, 1),
       pg_temp.one_of(ARRAY['green', 'green', 'amber', 'red'], n / 3), pg_temp.one_of(ARRAY['EUR', 'USD', 'GBP', 'CHF'], n),
       true, true, n % 3 = 0, pg_temp.one_of(ARRAY['active', 'closed', 'planned', 'on_hold', 'active', 'closed', 'cancelled'], n / 2)
  FROM generate_series(0, pg_temp.clients() * 3 - 1) AS n, LATERAL (SELECT (n / 5) / 3 * 5 + (n / 5) % 3 AS client) AS whose;

-- Every client is told by both systems; the CRM's source record is the odd one.
INSERT INTO hub.source_record (tenant_id, system, object, external_id, entity, state, golden_id, role, "values", since, version, first_seen_at, updated_at)
SELECT tenant_id, system, object, prefix || (row_number() OVER (PARTITION BY system ORDER BY id)), 'client', 'present', id, role,
       jsonb_build_object('name', name, 'legal_name', upper(legal_name), 'country', country), jsonb_build_object('*', to_jsonb(to_char(updated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))), '1', created_at, updated_at
  FROM golden.client, (VALUES ('crm', 'account', 'A-', 'primary'), ('erp', 'customer', 'K-', 'alternate')) AS told (system, object, prefix, role)
 WHERE tenant_id = pg_temp.tenant();

SET session_replication_role = origin;
