-- Events that were delivered and shall be sent once more.

-- again --
-- Go back with lanes to the first of the delivered events that are meant, and mark in their plan which ones those are and up
-- to where everything has been delivered: what lies between is passed over, what follows goes on. A lane that is under way
-- is taken from its worker, whose lease settles nothing any more. Answers one row per event, whether the feed still has it.
WITH told AS MATERIALIZED (
    SELECT a.golden_id, a.external_key, a.version, max(a.intent_key) AS event_id, max(a.finished_at) AS delivered_at,
           max(a.request ->> 'type') AS type
      FROM hub.attempt a
     WHERE a.tenant_id = :tenant AND a.subscription_id = :subscription AND a.operation = 'event' AND a.state = 'done'
       AND (CAST(:golden_ids AS uuid[]) IS NULL OR a.golden_id = ANY (:golden_ids))
       AND (CAST(:event_ids AS text[]) IS NULL OR a.intent_key = ANY (:event_ids))
       AND (CAST(:types AS text[]) IS NULL OR a.request ->> 'type' = ANY (:types))
       AND (CAST(:since AS timestamptz) IS NULL OR a.finished_at >= :since)
       AND (CAST(:until AS timestamptz) IS NULL OR a.finished_at < :until)
     GROUP BY a.golden_id, a.external_key, a.version
     LIMIT CAST(:most AS integer)
), found AS MATERIALIZED (
    SELECT t.*, l.entity,
           EXISTS (SELECT FROM hub.change c JOIN hub.feed f ON f.tenant_id = c.tenant_id AND f.change_id = c.id
                    WHERE c.tenant_id = :tenant AND c.golden_id = t.golden_id AND c.version = t.version) AS is_kept
      FROM told t
      JOIN hub.lane l ON l.tenant_id = :tenant AND l.subscription_id = :subscription AND l.golden_id = t.golden_id
                     AND l.external_key = t.external_key
     WHERE CAST(:entity AS text) IS NULL OR l.entity = :entity
), lanes AS MATERIALIZED (
    SELECT f.golden_id, f.external_key, min(f.version) AS first,
           jsonb_object_agg(f.version, f.type LIKE '%.snapshot.v%') AS versions
      FROM found f
     WHERE f.is_kept
     GROUP BY f.golden_id, f.external_key
), held AS MATERIALIZED (
    SELECT l.golden_id, l.external_key
      FROM hub.lane l
      JOIN lanes USING (golden_id, external_key)
     WHERE l.tenant_id = :tenant AND l.subscription_id = :subscription
     ORDER BY l.golden_id, l.external_key
       FOR UPDATE OF l
), back AS (
    UPDATE hub.lane l
       SET delivered_version = least(l.delivered_version, g.first - 1),
           plan = coalesce(l.plan, '{}') || jsonb_build_object(
                      'again', coalesce(l.plan -> 'again', '{}') || g.versions,
                      'upto', greatest(l.delivered_version, CAST(l.plan ->> 'upto' AS integer))),
           state = 'due', token = NULL, lease_until = NULL, attempts = 0, next_try_at = statement_timestamp(),
           updated_at = statement_timestamp()
      FROM lanes g
      JOIN held h USING (golden_id, external_key)
     WHERE l.tenant_id = :tenant AND l.subscription_id = :subscription AND l.golden_id = g.golden_id
       AND l.external_key = g.external_key
    RETURNING 1
)
SELECT f.event_id, f.type, f.entity, f.golden_id, f.version, f.delivered_at, f.is_kept
  FROM found f
 CROSS JOIN (SELECT count(*) FROM back) AS b
 ORDER BY f.delivered_at, f.golden_id, f.version;
