"""What an API key may see and how often it may ask. Runs before the deployment; the code before it goes on working.

Code before it does not know ``scope`` and would let a confined key see everything, so confined keys are given out
(``hub key --only``) by the new code only, after the deployment.
"""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Two columns with constant defaults: no table is rewritten, the lock is held for a moment."""
    op.execute("ALTER TABLE hub.api_key ADD COLUMN scope jsonb NOT NULL DEFAULT '{}', ADD COLUMN rate jsonb NOT NULL DEFAULT '{}'")
    op.execute("COMMENT ON COLUMN hub.api_key.scope IS 'entity → ids it is confined to; empty: everything'")
    op.execute("COMMENT ON COLUMN hub.api_key.rate IS 'requests and cost per minute, where they differ from the settings'")


def downgrade() -> None:
    """Confined keys end first: without the column they would open everything."""
    op.execute("UPDATE hub.api_key SET revoked_at = coalesce(revoked_at, now()) WHERE scope <> '{}'")
    op.execute("ALTER TABLE hub.api_key DROP COLUMN scope, DROP COLUMN rate")
