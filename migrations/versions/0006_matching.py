"""Match models, forms and questions of likeness. Runs before the deployment; the code before it goes on working."""

from __future__ import annotations

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
