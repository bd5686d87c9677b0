"""Payload versions of subscriptions, brokers that carry the feed, and subscriptions that fail for days. Runs before the deployment; the code before it goes on working."""

from __future__ import annotations

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
