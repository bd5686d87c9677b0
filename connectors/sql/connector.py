"""A database as a connected system: all rows once by their ids, then what changed by its watermark, always by the database's own clock."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from connectors.errors import SchemaDriftError
from connectors.only_read import OnlyReads
from connectors.port import Capabilities, Incoming, Page, message_key
from connectors.sql import queries
from connectors.sql.config import SqlConfig, SqlResource, Watermark, parsed
from connectors.sql.engine import CLOCKS, Database
from connectors.sql.values import instant, packed, shown, text_of, unpacked
from connectors.wire import dump_json


@dataclass
class SqlConnector(OnlyReads):
    """Polls tables. It writes nothing and receives no webhooks.

    A checkpoint is a table: ``listing`` (ids behind which a listing of all goes on), or ``walk`` (watermark and ids behind which changes go
    on), else ``since`` (from where the next poll asks), and when all was listed and re-read last.
    """

    a_kind, is_read = "a database", "is a database that is only read"

    config: SqlConfig
    database: Database
    _types: dict[str, tuple[type, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.system = self.config.system

    @property
    def capabilities(self) -> Capabilities:
        each = self.config.resources.values()
        return Capabilities(
            resources=tuple(self.config.resources), page_size=self.config.page_size, concurrency=2, overlap_s=self.config.lag_s,
            can_filter_changes=any(one.watermark for one in each),
        )  # fmt: skip

    async def poll(self, resource: str, checkpoint: str) -> Page:
        one = self.config.resources[resource]
        kept = _read(checkpoint)
        if "listing" in kept or not checkpoint:
            return await self._listing(one, kept)
        assert one.watermark is not None
        if "walk" not in kept:
            now = await self._now(one)
            if one.listing_every_s and now - datetime.fromisoformat(kept["listed_at"]) >= timedelta(seconds=one.listing_every_s):
                return Page((), "", has_more=True)
            newest = await self._newest(one)
            if newest is None:
                return Page((), checkpoint, has_more=False)
            kept["begun"] = self._mark(one.watermark, now, newest)
            kept["walk"] = None
            if one.watermark.form != "number" and now - datetime.fromisoformat(kept["reread_at"]) >= timedelta(seconds=self.config.reread_s):
                before = datetime.fromisoformat(kept["since"] or kept["listed_at"]) - timedelta(seconds=self.config.reread_s)
                kept |= {"since": before.isoformat(), "reread_at": now.isoformat()}
            kept["lowest"] = packed(self._lowest(one.watermark, kept["since"], now, newest))
        return await self._walk(one, kept)

    async def _listing(self, one: SqlResource, kept: dict[str, Any]) -> Page:
        """All rows in the order of their ids, which no change moves; what changes meanwhile, the first walk behind it tells."""
        if not kept:
            now = await self._now(one)
            newest = await self._newest(one) if one.watermark else None
            begun = self._mark(one.watermark, now, newest) if one.watermark else None
            if one.watermark and newest is not None:
                self._lowest(one.watermark, begun, now, newest)  # what cannot be asked from is told at once, not by the next poll
            kept = {"listing": None, "begun": begun, "listed_at": now.isoformat(), "reread_at": now.isoformat()}
        behind = None if kept["listing"] is None else [unpacked(value) for value in kept["listing"]]
        rows = await self._page(one, one.id, behind, None)
        messages = self._messages(one, rows)
        if len(rows) == self.config.page_size:
            kept["listing"] = self._position(one, one.id, rows, kept["listing"])
            return Page(messages, _told(kept), has_more=True)
        if one.watermark is None:
            return Page(messages, "", has_more=False, is_complete_listing=True)
        after = {"since": kept["begun"], "listed_at": kept["listed_at"], "reread_at": kept["reread_at"]}
        return Page(messages, _told(after), has_more=False, is_complete_listing=True)

    async def _walk(self, one: SqlResource, kept: dict[str, Any]) -> Page:
        """What changed, in the order of watermark and ids."""
        assert one.watermark is not None
        order = (one.watermark.column, *(name for name in one.id if name != one.watermark.column))
        behind = None if kept["walk"] is None else [unpacked(value) for value in kept["walk"]]
        rows = await self._page(one, order, behind, unpacked(kept["lowest"]))
        if len(rows) == self.config.page_size:
            kept["walk"] = self._position(one, order, rows, kept["walk"])
            return Page(self._messages(one, rows), _told(kept), has_more=True)
        after = {"since": kept["begun"], "listed_at": kept["listed_at"], "reread_at": kept["reread_at"]}
        return Page(self._messages(one, rows), _told(after), has_more=False)

    async def _page(self, one: SqlResource, order: Sequence[str], behind: Sequence[Any] | None, since: Any) -> list[dict[str, Any]]:
        query = queries.page(one, order, behind, since, self.config.page_size, compares_rows=self.database.compares_rows)
        rows = await self.database.rows(query, one.object)
        for name in (*order, *one.id, *([one.deleted] if one.deleted else ())):
            if rows and name not in rows[0]:
                raise SchemaDriftError(f"the rows of {one.object} have no column {name}", object=one.object, path=name, system=self.config.system)
        return rows

    def _position(self, one: SqlResource, order: Sequence[str], rows: Sequence[Mapping[str, Any]], before: Any) -> list[Any]:
        """Where the next page begins. Raises SchemaDriftError where it would begin where this one did."""
        found = [packed(rows[-1][name]) for name in order]
        if found == before or any(rows[-1][name] is None for name in order):
            what = f"the values of {', '.join(order)} do not put the rows of {one.object} in an order"
            raise SchemaDriftError(f"{what}: they are empty, or finer than microseconds; cast them in a select", object=one.object, path=order[0])
        return found

    # time

    async def _now(self, one: SqlResource) -> datetime:
        """The database's clock, in UTC."""
        (row,) = await self.database.rows(queries.clock(self.config.clock or CLOCKS.get(self.database.kind, "CURRENT_TIMESTAMP")), one.object)
        told = row["now"]
        found = datetime.fromisoformat(told) if isinstance(told, str) else told
        return instant(found, None) if found.tzinfo else found.replace(tzinfo=UTC)

    async def _newest(self, one: SqlResource) -> Any:
        (row,) = await self.database.rows(queries.newest(one), one.object)
        return row["newest"]

    def _mark(self, watermark: Watermark, now: datetime, newest: Any) -> Any:
        """What the next poll asks from, as a checkpoint holds it: the clock at the begin of this one, or its highest number."""
        if watermark.form != "number":
            return (now - timedelta(seconds=self.config.lag_s)).isoformat()
        return packed(newest - watermark.overlap if watermark.overlap and isinstance(newest, int | Decimal) else newest)

    def _lowest(self, watermark: Watermark, since: Any, now: datetime, newest: Any) -> Any:
        """``since`` in the column's own kind; None where nothing was there before."""
        if since is None or watermark.form == "number":
            return None if since is None else unpacked(since)
        at = datetime.fromisoformat(since)
        if watermark.form in ("epoch_s", "epoch_ms"):
            ms = (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
            return ms if watermark.form == "epoch_ms" else ms // 1000
        if watermark.form == "text":
            return self._local(at, now).strftime(watermark.pattern)
        if isinstance(newest, datetime):
            return at if newest.tzinfo is not None else self._local(at, now)
        if isinstance(newest, date):
            return self._local(at, now).date()
        raise SchemaDriftError(
            f"the column {watermark.column} holds no timestamps but {type(newest).__name__}; say what it holds (form)", path=watermark.column, system=self.config.system
        )

    def _local(self, at: datetime, now: datetime) -> datetime:
        """An instant on the clock of the declared zone. Where that was put back since, as early as it has shown again."""
        zone = self.config.zone
        if zone is None:
            return instant(at.replace(tzinfo=None), None, "of the watermark")  # says that a zone must be declared
        back = at.astimezone(zone).utcoffset(), now.astimezone(zone).utcoffset()
        return at.replace(tzinfo=None) + min(one for one in back if one is not None)

    # rows

    def _messages(self, one: SqlResource, rows: Sequence[Mapping[str, Any]]) -> tuple[Incoming, ...]:
        return tuple(self._message(one, row) for row in rows)

    def _message(self, one: SqlResource, row: Mapping[str, Any]) -> Incoming:
        parts = [text_of(row[name]) for name in one.id]
        external_id = "|".join(parts) if all(parts) else ""
        body = dump_json({name: shown(value, self.config.zone, name) for name, value in row.items()})
        version = ""
        if one.watermark is not None and row.get(one.watermark.column) is not None:
            version = str(shown(row[one.watermark.column], self.config.zone, one.watermark.column))
        key = message_key(one.object, external_id, version, body) if external_id else ""
        self._types.setdefault(one.object, tuple(type(row[name]) for name in one.id))
        return Incoming(one.object, external_id, body, key, version, _is_deleted(one, row))

    async def fetch(self, object: str, external_id: str) -> Incoming | None:
        one = next((each for each in self.config.resources.values() if each.object == object), None)
        if one is None:
            return None
        if object not in self._types:
            some = await self.database.rows(queries.by_id(one, ()), object)
            self._messages(one, some)
        types, parts = self._types.get(object, ()), external_id.split("|") if len(one.id) > 1 else [external_id]
        if len(parts) != len(types):
            return None
        try:
            values = [kind(part) for kind, part in zip(types, parts, strict=True)]
        except (ValueError, ArithmeticError, TypeError):
            return None
        rows = await self.database.rows(queries.by_id(one, values), object)
        return self._message(one, rows[0]) if rows else None

    async def aclose(self) -> None:
        await asyncio.shield(self.database.aclose())


def sql_connector(config: Mapping[str, Any], *, file: str = "sql") -> SqlConnector:
    """The registry's factory; see README.md for the form of ``config``."""
    told = parsed(config, file)
    return SqlConnector(told, Database(told.url, told.system, told.statement_timeout_s, file, user=told.user, password=told.password))


def _is_deleted(one: SqlResource, row: Mapping[str, Any]) -> bool:
    if not one.deleted:
        return False
    value = row[one.deleted]
    if one.deleted_is:
        return text_of(value) in one.deleted_is
    return value not in (None, False, 0, "", "0", "f", "F", "n", "N", "false", "FALSE", "no")


def _told(kept: Mapping[str, Any]) -> str:
    return dump_json(dict(kept)).decode()


def _read(checkpoint: str) -> dict[str, Any]:
    if not checkpoint:
        return {}
    try:
        found = json.loads(checkpoint)
        if not isinstance(found, dict) or "listed_at" not in found:
            raise ValueError
    except ValueError as error:
        raise SchemaDriftError("the checkpoint was not made by this connector; start again without one") from error
    return found
