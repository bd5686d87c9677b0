-- Who is signed in to the console. A session is known by the digest of its token; nothing else of the token is kept.

-- open --
-- Begin a session. What is newer than the person's last visit is new to them; a first visit looks a week back.
INSERT INTO hub.session (tenant_id, digest, person_id, key_id, role, name, display, teams, team, csrf, created_at, seen_at,
                         since_at, expires_at)
SELECT :tenant, CAST(:digest AS bytea), :person_id, :key_id, :role, :name, :display, CAST(:teams AS text[]), :team, :csrf, CAST(:at AS timestamptz),
       CAST(:at AS timestamptz), (SELECT max(s.seen_at) FROM hub.session AS s WHERE s.tenant_id = :tenant AND s.person_id = :person_id), :expires_at;

-- find --
-- The session of a token, unless it or the key it was made with is over; and the member behind it, if somebody said who.
SELECT s.tenant_id, t.slug, s.digest, s.person_id, s.role, s.name, s.display, s.teams, s.team, s.csrf, s.seen_at, s.since_at,
       s.expires_at, k.scope, k.rate, m.id AS member_id, m.name AS member_name, m.teams AS member_teams
  FROM hub.session AS s
  JOIN hub.tenant AS t ON t.id = s.tenant_id
  LEFT JOIN hub.api_key AS k ON k.tenant_id = s.tenant_id AND k.id = s.key_id
  LEFT JOIN hub.member_actor AS a ON a.tenant_id = s.tenant_id AND a.actor = s.role || ':' || s.name
  LEFT JOIN hub.member AS m ON m.tenant_id = a.tenant_id AND m.id = a.member_id AND m.is_active
 WHERE s.tenant_id = :tenant AND s.digest = :digest AND s.ended_at IS NULL AND s.expires_at > CAST(:at AS timestamptz) AND s.seen_at > CAST(:idle_since AS timestamptz)
   AND (s.key_id IS NULL OR (k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > CAST(:at AS timestamptz))));

-- seen --
-- Note that the person is here. After a pause, what changed meanwhile counts as new to them.
UPDATE hub.session
   SET seen_at = CAST(:at AS timestamptz), since_at = CASE WHEN seen_at < CAST(:pause_since AS timestamptz) THEN seen_at ELSE since_at END
 WHERE tenant_id = :tenant AND digest = :digest
RETURNING since_at;

-- switch --
UPDATE hub.session SET team = :team WHERE tenant_id = :tenant AND digest = :digest;

-- end --
UPDATE hub.session SET ended_at = :at WHERE tenant_id = :tenant AND digest = :digest AND ended_at IS NULL;

-- drop_old --
-- Forget sessions of long ago, but each person's last, which tells when they were here.
DELETE FROM hub.session AS s
 WHERE s.tenant_id = :tenant AND s.expires_at < CAST(:before AS timestamptz)
   AND EXISTS (SELECT FROM hub.session AS later
                WHERE later.tenant_id = s.tenant_id AND later.person_id = s.person_id AND later.seen_at > s.seen_at);

-- tenant --
-- The tenant of this slug, or the only one there is.
SELECT id, slug FROM hub.tenant WHERE slug = :slug OR (:slug = '' AND (SELECT count(*) FROM hub.tenant) = 1);
