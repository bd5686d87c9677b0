"""Forms of loads are written after the records. Runs before the deployment; the code before it goes on working.

The table is new and empty: until something is put off, every form is written with its record, as before.
"""

from __future__ import annotations

from alembic import op

revision = "0017"
down_revision = "0016"

TABLE = """
CREATE TABLE hub.form_later (
    tenant_id   integer NOT NULL,
    id          bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    entity      text NOT NULL,
    source_ids  bigint[] NOT NULL,                  -- contributions whose form and keys are to be written
    unjudged    bigint[] NOT NULL,                  -- those of them that nobody compared with others when they came
    PRIMARY KEY (tenant_id, id)
)
"""
SECURE = """
ALTER TABLE hub.form_later ENABLE ROW LEVEL SECURITY;
ALTER TABLE hub.form_later FORCE ROW LEVEL SECURITY;
CREATE POLICY worker ON hub.form_later TO hub_worker USING (true) WITH CHECK (true);
CREATE POLICY examiner ON hub.form_later FOR SELECT TO hub_examiner USING (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON hub.form_later TO hub_worker;
GRANT SELECT ON hub.form_later TO hub_examiner;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA hub TO hub_worker
"""


def upgrade() -> None:
    for statement in (TABLE, *SECURE.split(";\n")):
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE hub.form_later")
