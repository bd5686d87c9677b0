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
SEARCH = """
CREATE TABLE hub.search (
    tenant_id   integer NOT NULL,
    golden_id   uuid NOT NULL,
    entity      text NOT NULL,
    label       text NOT NULL,
    detail      text NOT NULL,
    record_state text NOT NULL,
    words       tsvector NOT NULL,                  -- every lexeme begins with the tenant: "7:acme" a word, "7=inv2024001" a whole
    PRIMARY KEY (tenant_id, golden_id)
);
CREATE INDEX search_words ON hub.search USING gin (words);
CREATE TABLE hub.search_head (
    tenant_id   integer NOT NULL PRIMARY KEY,
    position    bigint NOT NULL DEFAULT -1,         -- of the feed, up to which entries are kept; -1: to be written from the records
    epoch       integer NOT NULL DEFAULT 0
)
"""
VIEW = """
CREATE VIEW api.search AS
SELECT golden_id, entity, label, detail, record_state, words
  FROM hub.search
 WHERE tenant_id = (SELECT (current_setting('hub.tenant'))::integer)
"""
WORD_VIEW = """
CREATE VIEW api.search_word AS
SELECT golden_id, entity, label, detail, record_state, words
  FROM hub.search
 WHERE tenant_id + 0 = (SELECT (current_setting('hub.tenant'))::integer)
"""  # + 0: words begin with the tenant, so reading all of the tenant's rows from the primary key besides costs and gains nothing
SECURE = """
ALTER TABLE hub.{table} ENABLE ROW LEVEL SECURITY;
ALTER TABLE hub.{table} FORCE ROW LEVEL SECURITY;
CREATE POLICY worker ON hub.{table} TO hub_worker USING (true) WITH CHECK (true);
CREATE POLICY examiner ON hub.{table} FOR SELECT TO hub_examiner USING (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON hub.{table} TO hub_worker;
GRANT SELECT ON hub.{table} TO hub_examiner
"""


def upgrade() -> None:
    tables = (SESSION, SEARCH, *(SECURE.replace("{table}", name) for name in ("session", "search", "search_head")))
    for statement in ";\n".join(tables).split(";\n"):
        op.execute(statement.replace(":", "\\:"))
    op.execute("SET LOCAL ROLE hub_worker")  # it owns the views
    for view in (VIEW, WORD_VIEW):
        op.execute(view.replace("::", "\\:\\:"))
    op.execute("GRANT SELECT ON api.search, api.search_word TO hub_api")
    op.execute("RESET ROLE")


def downgrade() -> None:
    op.execute("SET LOCAL ROLE hub_worker")
    op.execute("DROP VIEW api.search, api.search_word")
    op.execute("RESET ROLE")
    for name in ("session", "search", "search_head"):
        op.execute(f"DROP TABLE hub.{name}")
