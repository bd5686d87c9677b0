-- What PostGraphile is shown: the tenant's rows as views, with the keys it cannot see in a view told as smart tags.
DROP SCHEMA IF EXISTS bench CASCADE;
CREATE SCHEMA bench;
CREATE VIEW bench.contract AS SELECT id, contract_no, name, currency FROM golden.contract WHERE tenant_id = {tenant};
CREATE VIEW bench.project AS
    SELECT id, code, name, kind, billable, start_date, end_date, percent_complete, currency, state, client_id, contract_id
      FROM golden.project WHERE tenant_id = {tenant};
CREATE VIEW bench.client AS
    SELECT id, name, legal_name, kind, registration_no, duns, street, city, postcode, country, email, segment, tier, state, updated_at, account_manager_id
      FROM golden.client WHERE tenant_id = {tenant};
COMMENT ON VIEW bench.contract IS E'@primaryKey id';
COMMENT ON VIEW bench.project IS E'@primaryKey id\n@foreignKey (client_id) references bench.client (id)\n@foreignKey (contract_id) references bench.contract (id)';
COMMENT ON VIEW bench.client IS E'@primaryKey id';
CREATE TYPE bench.state_count AS (state text, count bigint);
CREATE FUNCTION bench.projects_by_state(managers uuid[]) RETURNS SETOF bench.state_count STABLE LANGUAGE sql AS $$
    SELECT state, count(*) FROM golden.project WHERE tenant_id = {tenant} AND manager_id = ANY (managers) GROUP BY state ORDER BY state
$$;
