-- The sealed trail as people read it.

-- seals --
-- Seals, newest first, behind one.
SELECT id, made_at, count, encode(root, 'hex') AS root, encode(previous, 'hex') AS previous, encode(digest, 'hex') AS digest, key_id,
       encode(signature, 'hex') AS signature, ids IS NULL AS is_thin
  FROM hub.seal
 WHERE tenant_id = :tenant AND (CAST(:before AS bigint) IS NULL OR id < :before)
 ORDER BY id DESC
 LIMIT CAST(:first AS integer);

-- of_ids --
SELECT id, made_at, count, encode(root, 'hex') AS root, encode(previous, 'hex') AS previous, encode(digest, 'hex') AS digest, key_id,
       encode(signature, 'hex') AS signature, ids IS NULL AS is_thin
  FROM hub.seal
 WHERE tenant_id = :tenant AND id = ANY (CAST(:ids AS bigint[]));

-- keys --
SELECT key_id, encode(public, 'hex') AS public, made_at, retired_at
  FROM hub.seal_key
 WHERE tenant_id = :tenant
 ORDER BY made_at;

-- trail_of_record --
-- What happened to a record, newest first, behind an instant.
SELECT *
  FROM (SELECT 'change' AS kind, c.id, c.at, c.actor, c.op AS what, c.cause AS reason, c.entity, c.golden_id, c.version, c.correlation_id
          FROM hub.change c
         WHERE c.tenant_id = :tenant AND c.golden_id = :record
         UNION ALL
        SELECT 'decision', d.id, d.made_at, d.actor, d.kind, d.reason, d.entity, d.golden_id, NULL, ''
          FROM hub.decision d
         WHERE d.tenant_id = :tenant AND (d.golden_id = :record OR d.other_id = :record)
         UNION ALL
        SELECT 'action', a.id, a.made_at, a.actor, a.kind, a.reason, a.entity, :record, NULL, a.correlation_id
          FROM hub.action a
         WHERE a.tenant_id = :tenant AND a.golden_ids @> ARRAY[CAST(:record AS uuid)]
         UNION ALL
        SELECT 'proposal', p.id, p.asked_at, p.author, p.operation, p.reason, p.entity, :record, NULL, p.correlation_id
          FROM hub.proposal p
         WHERE p.tenant_id = :tenant AND p.golden_ids @> ARRAY[CAST(:record AS uuid)]) AS e
 WHERE (CAST(:until AS timestamptz) IS NULL OR at < :until) AND (CAST(:since AS timestamptz) IS NULL OR at >= :since)
   AND (CAST(:kind AS text) IS NULL OR kind = :kind) AND (CAST(:actor AS text) IS NULL OR actor = :actor)
 ORDER BY at DESC, kind, id DESC
 LIMIT CAST(:first AS integer);

-- trail_of_people --
-- What was done and proposed, by whomever, newest first, behind an instant. Decisions are told by the actions that made them; those
-- of rules, and changes, are read of a record.
SELECT *
  FROM ((SELECT 'action' AS kind, a.id, a.made_at AS at, a.actor, a.kind AS what, a.reason, a.entity, a.golden_ids[1] AS golden_id,
                CAST(NULL AS integer) AS version, a.correlation_id
           FROM hub.action a
          WHERE a.tenant_id = :tenant AND (CAST(:actor AS text) IS NULL OR a.actor = :actor) AND coalesce(CAST(:kind AS text), 'action') = 'action'
            AND (CAST(:until AS timestamptz) IS NULL OR a.made_at < :until) AND (CAST(:since AS timestamptz) IS NULL OR a.made_at >= :since)
          ORDER BY a.id DESC
          LIMIT CAST(:first AS integer))
         UNION ALL
        (SELECT 'proposal', p.id, p.asked_at, p.author, p.operation, p.reason, p.entity, p.golden_ids[1], NULL, p.correlation_id
           FROM hub.proposal p
          WHERE p.tenant_id = :tenant AND (CAST(:actor AS text) IS NULL OR p.author = :actor) AND coalesce(CAST(:kind AS text), 'proposal') = 'proposal'
            AND (CAST(:until AS timestamptz) IS NULL OR p.asked_at < :until) AND (CAST(:since AS timestamptz) IS NULL OR p.asked_at >= :since)
          ORDER BY p.id DESC
          LIMIT CAST(:first AS integer))) AS e
 ORDER BY at DESC, kind, id DESC
 LIMIT CAST(:first AS integer);
