"""Quotas, breakers, windows, urgency and the ledger of what was written to connected systems. Runs before the deployment; the code before it goes on working."""

from __future__ import annotations

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
