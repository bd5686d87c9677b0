"""Keys that secrets are encrypted under, and what a restore leaves behind. Runs before the deployment; the code before it goes on working."""

from __future__ import annotations

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
