-- What has waited longer than the grace period, one row a cause.

-- overdue --
SELECT CASE WHEN a.field = '*origin' THEN 'unmatched' WHEN s.state = 'awaited' THEN 'reference' ELSE 'required' END AS cause,
       s.system, s.object, CASE WHEN s.state = 'awaited' THEN s.external_id ELSE '' END AS external_id,
       CASE WHEN s.state = 'awaited' THEN s.entity ELSE a.entity END AS entity,
       CASE WHEN s.state = 'awaited' OR a.field = '*origin' THEN '' ELSE a.field END AS field,
       count(DISTINCT a.golden_id)::integer AS count
  FROM hub.awaiting a
  JOIN hub.source_record s ON s.tenant_id = a.tenant_id AND s.id = a.source_id
 WHERE a.tenant_id = :tenant AND a.is_required
   AND s.first_seen_at < clock_timestamp() - make_interval(secs => :grace_s)
 GROUP BY 1, 2, 3, 4, 5, 6;

-- opened_before --
SELECT id, cause, subject
  FROM hub.task
 WHERE tenant_id = :tenant AND state = 'open' AND cause IN ('unmatched', 'reference', 'required')
   AND detail ? 'restated';
