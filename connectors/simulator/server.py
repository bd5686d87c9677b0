"""The server of one of Northbeam's simulated systems: lists, reads, creates and updates in its dialect."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from aiohttp import web

from connectors.simulator.base import Handler, VendorServer, answer
from connectors.simulator.dialects import Crm, Dialect, Kind
from connectors.simulator.kinds import DIALECTS
from connectors.simulator.rules import Refusal
from connectors.simulator.seed import seed
from connectors.simulator.store import Row, Store, merged
from connectors.wire import dump_json, parse_json
from schema.paths import ABSENT, at_path

PAGING = frozenset({"page", "per_page", "offset", "limit", "ModifiedSince", "updated_after", "changedFrom", "order"})


class Simulator(VendorServer):
    """One running system in its dialect."""

    def __init__(self, dialect: Dialect, store: Store, webhook_url: str = "", requests_per_s: float = 0.0) -> None:
        super().__init__(dialect.name, store, webhook_url=webhook_url, requests_per_s=requests_per_s)
        self.dialect = dialect
        self._events = 0

    def seed(self) -> None:
        seed(self.dialect, self.store)

    def is_allowed(self, request: web.Request) -> bool:
        return self.dialect.is_allowed(request, time.time())

    def error(self, refusal: Refusal) -> web.Response:
        return self.dialect.error(refusal)

    def objects(self) -> Mapping[str, Kind]:
        return {kind.object: kind for kind in self.dialect.kinds}

    def shown(self, row: Row) -> dict[str, Any]:
        return self.dialect.shown(row)

    def expire_tokens(self) -> None:
        self.dialect.tokens.clear()

    def routes(self, app: web.Application) -> None:
        if isinstance(self.dialect, Crm):
            app.router.add_post("/services/oauth2/token", self._token)
        for kind in self.dialect.kinds:
            base = f"{self.dialect.base}/{kind.route}"
            app.router.add_get(base, self._of(kind, "list", self._list))
            app.router.add_get(f"{base}/more/{{locator}}", self._of(kind, "list", self._list))
            app.router.add_get(f"{base}/{{id}}", self._of(kind, "read", self._read))
            if not kind.is_read_only:
                app.router.add_post(base, self._of(kind, "create", self._create))
                if not kind.is_create_only:
                    app.router.add_patch(f"{base}/{{id}}", self._of(kind, "update", self._update))
                    app.router.add_put(f"{base}/{{id}}", self._of(kind, "update", self._update))

    def _of(self, kind: Kind, operation: str, handle: Callable[[Kind, web.Request], Awaitable[web.Response]]) -> Handler:
        async def handler(request: web.Request) -> web.Response:
            return await handle(kind, request)

        return self.guarded(kind.object, operation, handler)

    async def _token(self, request: web.Request) -> web.Response:
        self.requests["token"] += 1
        assert isinstance(self.dialect, Crm)
        return await self.dialect.token(request, time.time())

    async def _list(self, kind: Kind, request: web.Request) -> web.Response:
        rows = self.store.changed(kind.object)
        since = self.dialect.changed_since(request)
        if since:
            try:
                moment = datetime.fromisoformat(since.replace(" ", "+"))
                rows = [row for row in rows if row.changed_at >= moment]
            except (ValueError, TypeError):
                return self.dialect.error(Refusal("INVALID_PARAMETER", "", "The instant is not in ISO 8601 with an offset"))
        for name, wanted in request.query.items():
            if name not in PAGING and "locator" not in request.match_info:
                rows = [row for row in rows if not row.is_deleted and str(_field(row, name)) == wanted]
        return answer(self.dialect.listed(kind, request, rows))

    async def _read(self, kind: Kind, request: web.Request) -> web.Response:
        row = self.store.get(kind.object, request.match_info["id"])
        return self._missing() if row is None else answer(self.dialect.shown(row))

    async def _create(self, kind: Kind, request: web.Request) -> web.Response:
        fields, refusal = await self._given(kind, request)
        if refusal is not None:
            return self.dialect.error(refusal)
        key = str(fields.get(kind.key_field) or "") if kind.key_field else ""
        if key:
            holder = next((row for row in self.store.table(kind.object) if row.fields.get(kind.key_field) == key), None)
            if holder is not None:
                text = f"duplicate value found: {kind.key_field} duplicates value on record with id: {holder.id}"
                return self.dialect.error(Refusal("DUPLICATE_VALUE", kind.key_field, text))
        refusal = kind.check(self.store, merged(kind.template, fields), None) if kind.check else None
        if refusal is not None:
            return self.dialect.error(refusal)
        return self.dialect.made(kind, self._put(kind, None, fields, key=key or f"{kind.object} without a key"))

    async def _update(self, kind: Kind, request: web.Request) -> web.Response:
        row = self.store.get(kind.object, request.match_info["id"])
        if row is None:
            return self._missing()
        fields, refusal = await self._given(kind, request)
        if refusal is not None:
            return self.dialect.error(refusal)
        expected = self.dialect.expected_version(request, fields)
        if expected is not None and expected != self.dialect.version(row):
            return self.dialect.error(Refusal("RECORD_CHANGED", "", "The record has been changed meanwhile", 412))
        refusal = kind.check(self.store, merged(row.fields, fields), row) if kind.check else None
        return self.dialect.error(refusal) if refusal else self.dialect.updated(kind, self._put(kind, row.id, fields))

    async def _given(self, kind: Kind, request: web.Request) -> tuple[dict[str, Any], Refusal | None]:
        try:
            fields = self.dialect.given(kind, parse_json(await request.read()))
        except (ValueError, KeyError, TypeError):
            return {}, Refusal("INVALID_CONTENT", "", "The body is not what this address takes")
        unknown = sorted(set(fields) - set(kind.template) - {"lock_version"})
        if unknown:
            return {}, Refusal("INVALID_FIELD", unknown[0], f"No such field '{unknown[0]}'")
        return fields, None

    def _missing(self) -> web.Response:
        return self.dialect.error(Refusal("NOT_FOUND", "", "The requested record does not exist", 404))

    def _put(self, kind: Kind, id: str | None, fields: Mapping[str, Any], *, key: str = "", is_deleted: bool = False) -> Row:
        known = self.store.rows.get(kind.object, {}).get(id) if id else None
        name = id or self._new_id(kind)
        whole = merged(known.fields if known else kind.template, fields)
        if kind.object == "time_posting" and known is None:
            whole |= {"documentNo": f"GL-{name}", "postedAt": self.store.clock().isoformat()}
        row = self.store.put(kind.object, name, whole, key=key, is_deleted=is_deleted)
        self._announce(kind, row)
        return row

    def _new_id(self, kind: Kind) -> str:
        number = self.store.next_number(kind.object, kind.first_id)
        while kind.id_form.format(number) in self.store.rows.get(kind.object, {}):
            number += 1
        return kind.id_form.format(number)

    def put(self, object: str, id: str | None, fields: Mapping[str, Any], *, key: str = "", is_deleted: bool = False) -> Row:
        return self._put(self.objects()[object], id, fields, key=key, is_deleted=is_deleted)

    def _announce(self, kind: Kind, row: Row) -> None:
        if not self.webhook_url or self.dialect.signature.scheme == "none":
            return
        self._events += 1
        body, name = dump_json(self.dialect.event(kind, row, self._events)), f"{kind.object}-{row.id}-{row.version}"
        self.tell(body, lambda at: self.dialect.signature.sign(body, name, at))


def simulator(config: str, state: Path | None = None, *, webhook_url: str = "", requests_per_s: float = 0.0) -> Simulator:
    """A system not yet started; ``state`` is the folder of its journal, None forgets everything at the end."""
    journal = state / f"{config}.jsonl" if state else None
    return Simulator(DIALECTS[config](), Store(journal), webhook_url, requests_per_s)


def _field(row: Row, name: str) -> Any:
    found = at_path(row.fields, name)
    return "" if found is ABSENT or found is None else found
