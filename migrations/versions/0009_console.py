"""Sessions of the console, and search. Runs before the deployment; the code before it goes on working."""

from __future__ import annotations

from alembic import op

revision = "0009"
down_revision = "0008"

SESSION = """
CREATE TABLE hub.session (
    tenant_id   integer NOT NULL REFERENCES hub.tenant,
    digest      bytea NOT NULL,                     -- SHA-256 of what the cookie holds; the token itself is nowhere kept
    person_id   uuid NOT NULL,                      -- the API key, or whom the identity provider means
    key_id      uuid,                               -- a session made with an API key ends with the key
    role        text NOT NULL CHECK (role IN ('reader', 'steward', 'admin')),
    name        text NOT NULL,
    display     text NOT NULL,
    teams       text[] NOT NULL DEFAULT '{}',
    team        text NOT NULL DEFAULT '',           -- for which of them the person works now
    csrf        text NOT NULL,                      -- what every form of this session must carry
    created_at  timestamptz NOT NULL,
    seen_at     timestamptz NOT NULL,
    since_at    timestamptz,                        -- when the person was here last before: what is newer is new to them
    expires_at  timestamptz NOT NULL,
    ended_at    timestamptz,
    PRIMARY KEY (tenant_id, digest)
);
CREATE INDEX session_person ON hub.session (tenant_id, person_id, seen_at)
"""
SECURE = """
ALTER TABLE hub.{table} ENABLE ROW LEVEL SECURITY;
ALTER TABLE hub.{table} FORCE ROW LEVEL SECURITY;
CREATE POLICY worker ON hub.{table} TO hub_worker USING (true) WITH CHECK (true);
CREATE POLICY examiner ON hub.{table} FOR SELECT TO hub_examiner USING (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON hub.{table} TO hub_worker;
GRANT SELECT ON hub.{table} TO hub_examiner
"""


def upgrade() -> None:
    for statement in (SESSION + ";" + SECURE.replace("{table}", "session")).split(";\n"):
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE hub.session")
