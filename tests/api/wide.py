"""Rows enough for the planner to care: 100,000 clients and contracts, versions, former values and merges of some of them."""

from __future__ import annotations

ROWS = 100_000

FILL = (
    """
    INSERT INTO golden.resource (tenant_id, id, version, record_state, created_at, updated_at, family_name)
    SELECT t, md5('r' || t || g)::uuid, 1, 'active', now(), now(), 'Name ' || g
      FROM generate_series(1, 2) t, generate_series(1, 500) g
    """,
    f"""
    INSERT INTO golden.client (tenant_id, id, version, record_state, created_at, updated_at, name, account_manager_id, extra)
    SELECT 1 + (g = 1)::integer, md5('c' || g)::uuid, 1, 'active', now(), now(), 'Client ' || g,
           md5('r' || 1 + (g = 1)::integer || 1 + g % 500)::uuid,
           CASE WHEN g % 100 = 0 THEN jsonb_build_object('branch', 'b' || g) END
      FROM generate_series(1, {ROWS}) g
    """,
    f"""
    INSERT INTO golden.contract (tenant_id, id, version, record_state, created_at, updated_at, contract_no, client_id, start_date)
    SELECT 1, md5('k' || g)::uuid, 1, 'active', now(), now(), 'C-' || g, md5('c' || 1 + g)::uuid, date '2000-01-01' + g % 9000
      FROM generate_series(1, {ROWS} - 1) g
    """,
    """
    INSERT INTO hub.source_record (tenant_id, system, object, external_id, entity, state, golden_id)
    SELECT 1, 'crm', 'account', 'A' || g, 'client', 'present', md5('c' || g)::uuid FROM generate_series(2, 30000) g
    """,
    """
    INSERT INTO hub.change (tenant_id, entity, golden_id, version, op, before, after, cause, actor, correlation_id, at)
    SELECT 1, 'client', md5('c' || g)::uuid, 1, 'create', '{}', '{}', 'source', 'crm', '', now() FROM generate_series(2, 30000) g
    """,
    """
    INSERT INTO golden.client_version
           (tenant_id, id, version, record_state, created_at, updated_at, name, account_manager_id, lineage, recorded_at)
    SELECT tenant_id, id, v, 'active', now(), now(), 'Old ' || name, account_manager_id, '{}', timestamptz '2026-01-01' + v * interval '1 day'
      FROM (SELECT * FROM golden.client LIMIT 5000) AS c, generate_series(1, 8) AS v
    """,
    """
    INSERT INTO golden.contract_version
           (tenant_id, id, version, record_state, created_at, updated_at, contract_no, client_id, lineage, recorded_at)
    SELECT tenant_id, id, v, 'active', now(), now(), contract_no, client_id, '{}', timestamptz '2026-01-01' + v * interval '1 day'
      FROM (SELECT * FROM golden.contract LIMIT 5000) AS c, generate_series(1, 8) AS v
    """,
    """
    INSERT INTO hub.former_value
    SELECT made.*
      FROM (SELECT 'client', 'name', 'old client ' || g, md5('c' || g)::uuid FROM generate_series(2, 30000) g
             UNION ALL
            SELECT 'contract', 'client_id', md5('c' || g)::uuid::text, md5('k' || g)::uuid FROM generate_series(2, 30000) g
           ) AS was (entity, field, value, golden_id),
           jsonb_populate_record(NULL::hub.former_value, to_jsonb(was) || '{"tenant_id": 1, "since": "2025-01-01", "until": "2026-05-01"}') AS made
    """,
    """
    WITH made AS (
        INSERT INTO hub.decision (tenant_id, kind, entity, golden_id, other_id, actor, made_at)
        SELECT 1, 'merge', 'client', md5('c' || g)::uuid, md5('l' || g)::uuid, 'bo', timestamptz '2026-01-01' + g * interval '1 hour'
          FROM generate_series(2, 5000) g
        RETURNING *
    )
    INSERT INTO hub.forward (tenant_id, loser_id, survivor_id, entity, decision_id)
    SELECT tenant_id, other_id, golden_id, entity, id FROM made
    """,
    "ANALYZE",
)  # fmt: skip
