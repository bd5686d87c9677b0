"""Where star-shaped views for tools that speak SQL live. Runs before the deployment; the code before it goes on working.

The views themselves are derived from the model and made by ``hub migrate`` after the last revision, whenever they differ.

Logins of BI tools belong to the server and are made by ``hub bi-login``; each is bound to its tenant by a row of
``hub.bi_login``, which it can neither read nor change. ``session_user`` is who logged in, whatever a session sets.
"""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"

LOGINS = (
    """
    CREATE TABLE hub.bi_login (
        tenant_id   integer NOT NULL REFERENCES hub.tenant,
        role        name NOT NULL UNIQUE CHECK (role LIKE 'hub\\_bi\\_%'),
        name        text NOT NULL,
        sees_confidential boolean NOT NULL DEFAULT false,
        made_at     timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (tenant_id, role)
    )
    """,
    "ALTER TABLE hub.bi_login ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE hub.bi_login FORCE ROW LEVEL SECURITY",
    "CREATE POLICY worker ON hub.bi_login TO hub_worker USING (true) WITH CHECK (true)",
    "CREATE POLICY examiner ON hub.bi_login FOR SELECT TO hub_examiner USING (true)",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON hub.bi_login TO hub_worker",
    "GRANT SELECT ON hub.bi_login TO hub_examiner",
)


def upgrade() -> None:
    for role in ("hub_bi", "hub_bi_confidential"):
        op.execute(
            f"DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') "
            f"THEN CREATE ROLE {role} NOLOGIN; END IF; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
        )
    op.execute("GRANT hub_bi TO hub_bi_confidential")
    for statement in LOGINS:
        op.execute(statement)
    op.execute("CREATE SCHEMA bi")
    op.execute("GRANT CREATE, USAGE ON SCHEMA bi TO hub_worker")
    op.execute("GRANT USAGE ON SCHEMA bi TO hub_bi, hub_bi_confidential, hub_examiner")


def downgrade() -> None:
    op.execute("DROP SCHEMA bi CASCADE")
    op.execute("DROP TABLE hub.bi_login")
