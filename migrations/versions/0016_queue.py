"""What people do with tasks can be taken back, step by step. Runs before the deployment; the code before it goes on working."""

from __future__ import annotations

from alembic import op

revision = "0016"
down_revision = "0015"

KINDS = ("comment", "claim", "release", "assign", "snooze", "ask", "answer", "wake", "escalate", "resolve", "reopen", "route")


def upgrade() -> None:
    """The wider check is taken up before rows are looked at, and looked at beside writers."""
    _allow((*KINDS, "tag", "undo"))


def downgrade() -> None:
    op.execute("DELETE FROM hub.task_event WHERE kind IN ('tag', 'undo')")
    _allow(KINDS)


def _allow(kinds: tuple[str, ...]) -> None:
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    op.execute("ALTER TABLE hub.task_event DROP CONSTRAINT task_event_kind_check")
    op.execute(f"ALTER TABLE hub.task_event ADD CONSTRAINT task_event_kind_check CHECK (kind IN ({listed})) NOT VALID")
    op.execute("ALTER TABLE hub.task_event VALIDATE CONSTRAINT task_event_kind_check")
