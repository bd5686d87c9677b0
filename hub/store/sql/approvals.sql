-- Changes that wait for a second person, and what was said of them.

-- last_change --
-- The newest change this transaction has made so far.
SELECT coalesce(max(id), 0) FROM hub.change WHERE tenant_id = :tenant AND xid = pg_current_xact_id();

-- changes_since --
-- What this transaction changed after the given change.
SELECT entity, golden_id::text AS golden_id, op, before, after
  FROM hub.change
 WHERE tenant_id = :tenant AND xid = pg_current_xact_id() AND id > :after
 ORDER BY id;

-- deliveries --
-- Which systems hold these records and read changes: whom a change would be sent to, in which mode.
SELECT s.system, s.entity, count(DISTINCT s.golden_id) AS records,
       coalesce((SELECT m.mode FROM hub.mode m
                  WHERE m.tenant_id = s.tenant_id AND m.system = s.system AND m.entity IN (s.entity, '*')
                  ORDER BY m.entity = '*', m.field_group = '*' DESC LIMIT 1), 'observe') AS mode
  FROM hub.source_record s
  JOIN hub.subscription u ON u.tenant_id = s.tenant_id AND u.system = s.system AND u.kind = 'connector' AND u.state = 'active'
 WHERE s.tenant_id = :tenant AND s.golden_id = ANY (CAST(:golden_ids AS uuid[])) AND s.state = 'present' AND s.role = 'primary'
 GROUP BY s.tenant_id, s.system, s.entity
 ORDER BY s.system, s.entity;

-- ask --
INSERT INTO hub.proposal (tenant_id, operation, given, diff, estimate, risk, needed, subject, reason, entity, golden_ids, author,
                          author_id, author_teams, replaces_id, expires_at, correlation_id)
VALUES (:tenant, :operation, CAST(:given AS jsonb), CAST(:diff AS jsonb), CAST(:estimate AS jsonb), :risk, :needed, :subject,
        :reason, :entity, CAST(:golden_ids AS uuid[]), :author, :author_id, CAST(:author_teams AS text[]), :replaces_id,
        clock_timestamp() + make_interval(days => :days), :correlation_id)
RETURNING id;

-- lock --
SELECT id, operation, given, diff, risk, needed, reason, author, author_id, author_teams, state, replaces_id, correlation_id,
       expires_at <= clock_timestamp() AS is_over
  FROM hub.proposal
 WHERE tenant_id = :tenant AND id = :id
   FOR UPDATE;

-- vote --
INSERT INTO hub.proposal_vote (tenant_id, proposal_id, member_id, actor, for_id, teams, vote, comment)
VALUES (:tenant, :id, :member_id, :actor, :for_id, CAST(:teams AS text[]), :vote, :comment)
ON CONFLICT (tenant_id, proposal_id, member_id) DO UPDATE
   SET vote = excluded.vote, for_id = excluded.for_id, teams = excluded.teams, comment = excluded.comment, at = excluded.at;

-- approvals --
-- How many people have approved; somebody and who stands in for them are one.
SELECT count(DISTINCT coalesce(for_id, member_id)) FROM hub.proposal_vote
 WHERE tenant_id = :tenant AND proposal_id = :id AND vote = 'approve';

-- settle --
UPDATE hub.proposal
   SET state = :state, fresh = CAST(:fresh AS jsonb), moved = CAST(:moved AS jsonb), decision_ids = CAST(:decision_ids AS bigint[]),
       action_id = :action_id, settled_at = clock_timestamp(), settled_by = :actor, resolution = :resolution
 WHERE tenant_id = :tenant AND id = :id;

-- expire --
-- Proposals nobody decided in time.
UPDATE hub.proposal
   SET state = 'expired', settled_at = clock_timestamp(), settled_by = 'hub', resolution = 'nobody decided in time'
 WHERE tenant_id = :tenant AND state = 'open' AND expires_at <= clock_timestamp()
RETURNING id;

-- notice --
-- The notice that has to be given before a proposal is approved: until when it holds, empty while nobody has given it.
SELECT resolved_at + make_interval(hours => :hours) AS free_at,
       coalesce(resolved_at + make_interval(hours => :hours) <= clock_timestamp(), false) AS is_over
  FROM hub.task
 WHERE tenant_id = :tenant AND cause = 'bank_notice' AND subject = :subject
 ORDER BY id DESC
 LIMIT 1;

-- open_about --
-- Open proposals about these golden records.
SELECT id, golden_ids FROM hub.proposal
 WHERE tenant_id = :tenant AND state = 'open' AND golden_ids && CAST(:golden_ids AS uuid[]);
