"""Payload versions of subscriptions, brokers that carry the feed, and subscriptions that fail for days. Runs before the deployment; the code before it goes on working."""

from __future__ import annotations

from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    _endpoints()
    _brokers()


def downgrade() -> None:
    _without_brokers()
    _without_endpoints()


# Brokers as subscribers, the payload version a subscriber was made for, what it must be told before anything else -------

KINDS = ("connector", "webhook", "pull")
CARRIED = {
    "pins": "jsonb NOT NULL DEFAULT '{}'",  # entity or business event → payload version; what is not named: the newest
    "topic": "text",  # brokers: where a change goes, with {tenant} and {entity}
    "notice": "jsonb",  # a gap, or that the feed was restored: told before anything else
    "notice_at": "timestamptz",  # when it is told, or tried again
}


def _brokers() -> None:
    for name, kind in CARRIED.items():
        op.execute(f"ALTER TABLE hub.subscription ADD COLUMN {name} {kind}")
    _kinds((*KINDS, "broker"))
    _show_columns("subscription", "subscription", tuple(CARRIED))


def _without_brokers() -> None:
    op.execute("SET LOCAL ROLE hub_worker")
    brokers = "SELECT s.id FROM hub.subscription s WHERE s.kind = 'broker'"
    op.execute(f"DELETE FROM hub.lane WHERE subscription_id IN ({brokers})")
    op.execute("DELETE FROM hub.subscription WHERE kind = 'broker'")
    op.execute("RESET ROLE")
    _kinds(KINDS)
    _hide_columns("subscription", "subscription", tuple(CARRIED))
    for name in CARRIED:
        op.execute(f"ALTER TABLE hub.subscription DROP COLUMN {name}")


def _kinds(kinds: tuple[str, ...]) -> None:
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    op.execute("ALTER TABLE hub.subscription DROP CONSTRAINT subscription_kind_check")
    op.execute(f"ALTER TABLE hub.subscription ADD CONSTRAINT subscription_kind_check CHECK (kind IN ({listed})) NOT VALID")
    op.execute("ALTER TABLE hub.subscription VALIDATE CONSTRAINT subscription_kind_check")


# Endpoints of webhooks: since when one fails, how it is tried again, until when its former secret signs ----------------

ENDPOINTS = ("failing_since timestamptz", "former_until timestamptz", "retry_s jsonb")
"""Columns of hub.subscription, shown by api.subscription: null while it takes what it is sent, while only one secret signs,
while the standard schedule holds."""


def _endpoints() -> None:
    for column in ENDPOINTS:
        op.execute(f"ALTER TABLE hub.subscription ADD COLUMN {column}")
    _show_columns("subscription", "subscription", tuple(column.split()[0] for column in ENDPOINTS))


def _without_endpoints() -> None:
    names = tuple(column.split()[0] for column in ENDPOINTS)
    _hide_columns("subscription", "subscription", names)
    for name in names:
        op.execute(f"ALTER TABLE hub.subscription DROP COLUMN {name}")


def _show_columns(view: str, table: str, names: tuple[str, ...]) -> None:
    """A view of the api with these columns of its table after those it has."""
    _as_worker(view, table, "true", "CREATE OR REPLACE VIEW", "".join(f", {name}" for name in names))


def _hide_columns(view: str, table: str, names: tuple[str, ...]) -> None:
    """The same without them, made anew: a column of a view cannot be taken away."""
    hidden = ", ".join(f"'{name}'" for name in names)
    _as_worker(view, table, f"attname NOT IN ({hidden})", "CREATE VIEW", "")


def _as_worker(view: str, table: str, which: str, create: str, more: str) -> None:
    """hub_worker owns the views; the tenant is read once a statement (see 0005)."""
    drop = "" if create.startswith("CREATE OR") else f"DROP VIEW api.{view};"
    mine = "tenant_id = (SELECT current_setting(''hub.tenant'')\\:\\:integer)"
    op.execute("SET LOCAL ROLE hub_worker")
    op.execute(
        f"""DO $$ DECLARE names text; BEGIN
            SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) INTO names
              FROM pg_attribute WHERE attrelid = 'api.{view}'\\:\\:regclass AND attnum > 0 AND NOT attisdropped AND {which};
            {drop}
            EXECUTE format('{create} api.{view} AS SELECT %s{more} FROM hub.{table} WHERE {mine}', names);
        END $$"""
    )
    op.execute(f"GRANT SELECT ON api.{view} TO hub_api")
    op.execute("RESET ROLE")
