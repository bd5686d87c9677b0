"""The queue people work from: members, claims, comments, approvals. Runs before the deployment; the code before it goes on working."""

from __future__ import annotations

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
