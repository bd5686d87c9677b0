"""Plans: what a changed rule would change. Runs before the deployment; the code before it goes on working."""

from __future__ import annotations

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
