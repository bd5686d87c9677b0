"""Payload versions of subscriptions, brokers that carry the feed, and subscriptions that fail for days. Runs before the deployment; the code before it goes on working."""

from __future__ import annotations

from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    _endpoints()


def downgrade() -> None:
    _without_endpoints()


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
