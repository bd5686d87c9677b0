"""What reads need: plain rows, former values, versions by time. Runs before the deployment; the code before it goes on working."""

from __future__ import annotations

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Filled in by the change that needs it."""


def downgrade() -> None:
    """Filled in by the change that needs it."""
