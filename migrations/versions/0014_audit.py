"""Seals over the trail, alerts, and what is searched by correlation. Runs before the deployment; the code before it goes on working."""

from __future__ import annotations

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
