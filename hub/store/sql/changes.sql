-- The change log: a version step is written once, in the transaction that makes it.

-- append --
-- Write the steps and wake whoever sequences; once per group commit, never per message.
WITH appended AS (
    INSERT INTO hub.change (tenant_id, entity, golden_id, version, op, before, after, cause, actor, correlation_id,
                            message_id, is_backfill, at, id_map)
    SELECT :tenant, g.entity, g.golden_id, g.version, g.op, g.before, g.after, g.cause, g.actor, g.correlation_id,
           g.message_id, g.is_backfill, g.at, g.id_map
      FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS g (
           entity text, golden_id uuid, version integer, op text, before jsonb, after jsonb, cause text, actor text,
           correlation_id text, message_id bigint, is_backfill boolean, at timestamptz, id_map jsonb)
)
SELECT pg_notify('hub_change', CAST(CAST(:tenant AS integer) AS text));

-- keys_near --
-- Golden records that carry one of these match keys.
SELECT key, golden_id
  FROM hub.match_key
 WHERE tenant_id = :tenant AND entity = :entity AND key = ANY (CAST(:keys AS bigint[]));

-- add_keys --
INSERT INTO hub.match_key (tenant_id, entity, key, golden_id)
SELECT :tenant, :entity, g.key, g.golden_id
  FROM unnest(CAST(:keys AS bigint[]), CAST(:golden_ids AS uuid[])) AS g (key, golden_id)
ON CONFLICT DO NOTHING;

-- drop_keys --
DELETE FROM hub.match_key m
 USING unnest(CAST(:keys AS bigint[]), CAST(:golden_ids AS uuid[])) AS g (key, golden_id)
 WHERE m.tenant_id = :tenant AND m.entity = :entity AND m.key = g.key AND m.golden_id = g.golden_id;

-- reconsider_at --
-- Compute these golden records again when the instant comes.
INSERT INTO hub.reconsider (tenant_id, entity, golden_id, due_at, cause, actor, correlation_id)
SELECT :tenant, g.entity, g.golden_id, g.due_at, g.cause, coalesce(g.actor, 'hub'), coalesce(g.correlation_id, '')
  FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS g (
       entity text, golden_id uuid, due_at timestamptz, cause text, actor text, correlation_id text)
 ORDER BY g.golden_id
ON CONFLICT (tenant_id, golden_id, cause) DO UPDATE SET due_at = excluded.due_at;

-- is_any_due --
-- Whether golden records are due; those that are claimed stay due until they are settled.
SELECT EXISTS (SELECT FROM hub.reconsider WHERE tenant_id = :tenant AND due_at <= clock_timestamp())
    OR EXISTS (SELECT FROM hub.claim WHERE tenant_id = :tenant AND queue = 'reconsider' AND lease_until < clock_timestamp());

-- claim_due --
-- Take up to :limit golden records that are due to be computed again.
WITH held AS MATERIALIZED (
    SELECT unnest(items) AS id
      FROM hub.claim
     WHERE tenant_id = :tenant AND queue = 'reconsider'
), picked AS (
    SELECT r.id
      FROM hub.reconsider r
     WHERE r.tenant_id = :tenant AND r.due_at <= clock_timestamp() AND NOT EXISTS (SELECT FROM held h WHERE h.id = r.id)
     ORDER BY r.due_at, r.id
     LIMIT CAST(:limit AS integer)
)
INSERT INTO hub.claim (tenant_id, queue, items, token, worker, lease_until)
SELECT :tenant, 'reconsider', array_agg(id ORDER BY id), :token, :worker,
       clock_timestamp() + make_interval(secs => :lease_s)
  FROM picked
HAVING count(*) > 0
RETURNING id, items, attempts;

-- due_rows --
SELECT id, entity, golden_id, cause, actor, correlation_id
  FROM hub.reconsider
 WHERE tenant_id = :tenant AND id = ANY (CAST(:ids AS bigint[])) AND due_at <= clock_timestamp();

-- settle_due --
DELETE FROM hub.reconsider
 WHERE tenant_id = :tenant AND id = ANY (CAST(:ids AS bigint[])) AND due_at <= CAST(:at AS timestamptz);
