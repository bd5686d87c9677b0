"""Star-shaped views for tools that speak SQL. Runs before the deployment; the code before it goes on working."""

from __future__ import annotations

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Filled in by the change that needs it."""


def downgrade() -> None:
    """Filled in by the change that needs it."""
