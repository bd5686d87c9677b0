"""Star-shaped views for tools that speak SQL. Runs before the deployment; the code before it goes on working.

``bi_views.sql`` and ``bi_words.txt`` beside this file are its frozen parts: the views as the model stood then, and what
is said of their columns. A change of the model drops and makes the views it touches in a revision of its own.

Logins of BI tools belong to the server and are made by ``hub bi-login``; each is bound to its tenant by a row of
``hub.bi_login``, which it can neither read nor change. ``session_user`` is who logged in, whatever a session sets.
"""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0004"
down_revision = "0003"

HERE = Path(__file__).parent

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

SAY = """
DO $$ DECLARE one record; BEGIN
    FOR one IN
        SELECT c.oid::regclass AS view, NULL AS column, w.said
          FROM said w JOIN pg_class c ON c.relname = w.name AND c.relnamespace = 'bi'::regnamespace
        UNION ALL
        SELECT c.oid::regclass, a.attname, coalesce(own.said, anys.said)
          FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
          LEFT JOIN said own ON own.name = regexp_replace(c.relname, '^(dim|fact)_|_history(?=_confidential$|$)|_confidential$', '', 'g') || '.' || a.attname
          LEFT JOIN said anys ON anys.name = '*.' || a.attname
         WHERE c.relnamespace = 'bi'::regnamespace AND c.relkind = 'v' AND c.relname <> 'this_tenant'
    LOOP
        IF one.column IS NULL THEN EXECUTE format('COMMENT ON VIEW %s IS %L', one.view, one.said);
        ELSE EXECUTE format('COMMENT ON COLUMN %s.%I IS %L', one.view, one.column, one.said); END IF;
    END LOOP;
END $$
"""

SECURE = """
DO $$ DECLARE one record; BEGIN
    FOR one IN SELECT viewname AS v FROM pg_views WHERE schemaname = 'bi' LOOP
        EXECUTE format('ALTER VIEW bi.%I OWNER TO hub_worker', one.v);
        EXECUTE format('GRANT SELECT ON bi.%I TO hub_examiner, %I', one.v,
            CASE WHEN one.v LIKE '%\\_confidential' THEN 'hub_bi_confidential' ELSE 'hub_bi' END);
    END LOOP;
END $$
"""


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
    for statement in (HERE / "bi_views.sql").read_text().split(";\n"):
        if statement.strip():
            op.execute(statement.replace(":", "\\:"))
    op.execute("CREATE TEMPORARY TABLE said (name text PRIMARY KEY, said text) ON COMMIT DROP")
    lines = [line.partition("\t") for line in (HERE / "bi_words.txt").read_text().splitlines()]
    values = ", ".join(f"({_literal(name)}, {_literal(said)})" for name, _, said in lines)
    op.execute(f"INSERT INTO said VALUES {values}".replace(":", "\\:"))
    op.execute(SAY.replace(":", "\\:"))
    op.execute("DROP TABLE said")
    op.execute(SECURE)


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def downgrade() -> None:
    op.execute("DROP SCHEMA bi CASCADE")
    op.execute("DROP TABLE hub.bi_login")
