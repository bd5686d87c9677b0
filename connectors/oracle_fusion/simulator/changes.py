"""What requests change at the simulated pod: records, rows of their children, batches that are taken whole or not at all, actions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from aiohttp import web

from connectors.oracle_fusion.simulator import cards, query, shown
from connectors.oracle_fusion.simulator.objects import RESOURCES, Resource
from connectors.oracle_fusion.simulator.shown import Asked
from connectors.simulator.base import answer
from connectors.simulator.rules import Refusal
from connectors.simulator.store import Row
from connectors.wire import dump_json, parse_json

if TYPE_CHECKING:
    from connectors.oracle_fusion.simulator.server import Fusion


class Changes:
    """The changing requests of one pod."""

    def __init__(self, server: Fusion) -> None:
        self.server, self.pod, self.store = server, server.pod, server.store

    async def create(self, request: web.Request, kind: Resource, asked: Asked) -> web.Response:
        if "POST" not in kind.can:
            return self.server.error(Refusal("", "", "The method POST isn't allowed.", 405))
        body = parse_json(await request.read())
        known = self._matching(kind, body) if request.headers.get("upsert-mode", "").lower() == "true" else None
        done = self.pod.keep(kind, known, body, key=key_of(kind, body) if known is None else "")
        if isinstance(done, Refusal):
            return self.server.error(done)
        expand = tuple(name for name in kind.children if name in body)
        return answer(shown.item(kind, done, asked.expanding(expand)), 200 if known else 201, {"etag": f'"{shown.tag(done)}"'})

    def _matching(self, kind: Resource, body: Mapping[str, Any]) -> Row | None:
        """The record an upsert means: by its id, or by the number that names it."""
        for name in (kind.id, kind.key, "ProjectNumber", "ContractNumber", "OriginalTransactionReference", "TransactionNumber"):
            if name and body.get(name) is not None:
                found = self.pod.by(kind.name, name, body[name])
                if found is not None:
                    return found
        return None

    async def change(self, request: web.Request, kind: Resource, row: Row, asked: Asked) -> web.Response:
        if request.method not in kind.can:
            return self.server.error(Refusal("", "", f"The method {request.method} isn't allowed.", 405))
        lock = request.headers.get("if-match", "").strip('"')
        if lock and lock != shown.tag(row):
            return web.Response(status=412)
        if request.method == "DELETE":
            self.server.put(row.object, row.id, {}, is_deleted=True)
            return web.Response(status=204)
        done = self.pod.keep(kind, row, parse_json(await request.read()))
        return self.server.error(done) if isinstance(done, Refusal) else answer(shown.item(kind, done, asked), 200, {"etag": f'"{shown.tag(done)}"'})

    async def child(self, request: web.Request, kind: Resource, row: Row, rest: list[str], asked: Asked) -> web.Response:
        """``child/{name}`` and ``child/{name}/{id}``, as deep as children go."""
        inner, holder, address = kind, row.fields, shown.address(kind, row, asked)
        while len(rest) > 2:
            inner, found = inner.children.get(rest[1], inner), shown.child_row(inner, holder, rest[1], rest[2])
            if found is None:
                return self.server.missing()
            if len(rest) == 3:
                return self._child_row(kind, row, inner, holder, found, parse_json(await request.read() or b"{}"), request.method, asked)
            address = f"{address}/child/{rest[1]}/{rest[2]}"
            holder, rest = found, rest[3:]
        if len(rest) < 2 or rest[1] not in inner.children:
            return self.server.missing()
        name, child = rest[1], inner.children[rest[1]]
        rows = holder.setdefault(name, [])
        if request.method == "GET":
            found_rows = self._child_rows(child, rows, asked)
            if isinstance(found_rows, Refusal):
                return self.server.error(found_rows)
            page = [shown.child(child, one, f"{address}/child/{name}", asked) for one in found_rows[asked.offset : asked.offset + asked.limit]]
            return answer(shown.envelope(page, len(found_rows), asked, f"{address}/child/{name}"))
        if request.method != "POST" or "POST" not in child.can:
            return self.server.error(Refusal("", "", f"The method {request.method} isn't allowed.", 405))
        body = parse_json(await request.read())
        refusal = self.pod._attributes(child, body, is_new=True, prefix="")
        if refusal is not None:
            return self.server.error(refusal)
        made = self.pod.child(child, body)
        rows.append(made)
        self.server.put(row.object, row.id, {})
        self.store.creates[str(made.get(child.id))] += 1
        return answer(shown.child(child, made, f"{address}/child/{name}", asked), 201)

    def _child_rows(self, child: Resource, rows: list[dict[str, Any]], asked: Asked) -> list[dict[str, Any]] | Refusal:
        """The rows of a child collection that a request asks for."""
        try:
            condition = query.parse(asked.q, asked.framework) if asked.q else None
        except query.MalformedError as error:
            return Refusal("JBO-29140", "", f"The query is malformed: {error}. (JBO-29140)")
        for name in sorted(condition.names) if condition else ():
            if not self.server.is_queryable(child, name):
                return Refusal("", "", f"URL request parameter q cannot be used in this context: {name} isn't queryable.")
        found = [row for row in rows if condition is None or condition.holds(row)]
        return query.ordered(found, asked.order) if asked.order else found

    def _child_row(
        self, kind: Resource, row: Row, child: Resource, holder: dict[str, Any], found: dict[str, Any], body: Any, method: str, asked: Asked
    ) -> web.Response:
        address = f"{shown.address(kind, row, asked)}/child/{child.name}"
        if method == "GET":
            return answer(shown.child(child, found, address, asked))
        if method not in child.can:
            return self.server.error(Refusal("", "", f"The method {method} isn't allowed.", 405))
        if method == "DELETE":
            holder[child.name].remove(found)
            self.server.put(row.object, row.id, {})
            return web.Response(status=204)
        refusal = self.pod._attributes(child, body, is_new=False, prefix="")
        if refusal is not None:
            return self.server.error(refusal)
        found |= body | ({"LastUpdateDate": self.pod._stamp(None)} if child.is_stamped else {})
        self.server.put(row.object, row.id, {})
        return answer(shown.child(child, found, address, asked))

    def act(self, kind: Resource, row: Row, action: str, body: Mapping[str, Any]) -> web.Response:
        if (kind.name, action) != ("projectCosts", "adjustProjectCosts"):
            return self.server.error(Refusal("", "", f"The action {action} isn't known.", 404))
        if body.get("AdjustmentType") != "REVERSE" or not body.get("Justification"):
            return self.server.error(Refusal("PJC-720600", "/AdjustmentType", "The adjustment type isn't valid. (PJC-720600)"))
        if row.fields.get("ReversedFlag") == "Y":
            return self.server.error(Refusal("PJC-720601", "", "The transaction has been adjusted already. (PJC-720601)"))
        cards.reverse(self.pod, row)
        return answer({"result": "The adjustment was successful."})

    async def batch(self, request: web.Request) -> web.Response:
        """All parts or none: the first that is wrong is named, and nothing of the others is kept."""
        if request.content_type != "application/vnd.oracle.adf.batch+json":
            return self.server.error(Refusal("", "", "The content type isn't supported.", 415))
        api, asked = request.path.split("/")[1], Asked.of(request, self.server.url, self.server.most)
        saved = {name: dict(rows) for name, rows in self.store.rows.items()}
        creates, told = self.store.creates.copy(), []
        for part in parse_json(await request.read()).get("parts", []):
            done = self._part(api, part, asked)
            if isinstance(done, Refusal):
                self._undo(saved, creates)
                wrong = {**{name: part.get(name) for name in ("id", "path", "operation")}, "payload": self.server.problem(done)}
                return answer({"parts": [wrong]}, done.status)
            told.append({**{name: part.get(name) for name in ("id", "path", "operation")}, "payload": done})
        return web.Response(body=dump_json({"parts": told}), content_type="application/vnd.oracle.adf.batch+json")

    def _undo(self, saved: dict[str, dict[str, Row]], creates: Counter[str]) -> None:
        """Put everything back as it was before a batch, in the journal too."""
        made = [row for name, rows in self.store.rows.items() for id, row in rows.items() if saved.get(name, {}).get(id) is not row]
        self.store.rows.clear()
        self.store.rows.update(saved)
        self.store._ordered.clear()
        self.store.creates = creates
        for row in made if self.store.journal is not None else ():
            known = saved.get(row.object, {}).get(row.id)
            self.store.put(row.object, row.id, known.fields if known else row.fields, is_deleted=known.is_deleted if known else True)

    def _part(self, api: str, part: Mapping[str, Any], asked: Asked) -> dict[str, Any] | Refusal | None:
        names = [one for one in str(part.get("path", "")).split("/") if one]
        kind, operation, payload = RESOURCES.get(names[0] if names else ""), part.get("operation"), part.get("payload") or {}
        if kind is None or kind.api != api:
            return Refusal("", "", f"The resource {part.get('path')} isn't known.", 404)
        if kind.name in self.server.unbatched:
            return Refusal("", "", f"The action {operation} isn't enabled for batch execution.")
        row = self.pod.row(kind, names[1]) if len(names) > 1 else None
        if len(names) > 1 and row is None:
            return Refusal("", "", "Not Found", 404)
        if len(names) > 2 and row is not None:
            return self._child_part(kind, row, names[2:], str(operation), payload, asked)
        if operation == "get" and row is not None:
            return shown.item(kind, row, asked)
        if operation == "delete" and row is not None:
            self.server.put(row.object, row.id, {}, is_deleted=True)
            return None
        if operation not in ("create", "update", "replace") or (operation == "create") is not (row is None):
            return Refusal("", "", f"The operation {operation} isn't supported here.")
        done = self.pod.keep(kind, row, payload, key=key_of(kind, payload) if row is None else "")
        return done if isinstance(done, Refusal) else shown.item(kind, done, asked)

    def _child_part(self, kind: Resource, row: Row, rest: list[str], operation: str, payload: Mapping[str, Any], asked: Asked) -> dict[str, Any] | Refusal:
        child = kind.children.get(rest[1]) if len(rest) > 1 else None
        if child is None:
            return Refusal("", "", "Not Found", 404)
        refusal = self.pod._attributes(child, payload, is_new=operation == "create", prefix="")
        if refusal is not None:
            return refusal
        rows = [dict(one) for one in row.fields.get(child.name) or []]
        if operation == "create":
            rows.append(self.pod.child(child, payload))
        else:
            found = next((one for one in rows if shown.child_address(child, one) == rest[2]), None) if len(rest) > 2 else None
            if found is None:
                return Refusal("", "", "Not Found", 404)
            found |= payload
        done = self.server.put(row.object, row.id, {child.name: rows})
        return shown.item(kind, done, asked)


def key_of(kind: Resource, body: Mapping[str, Any]) -> str:
    """Our key in a new record, as the store counts what requests created."""
    references = body.get("SourceSystemReference") or [{}]
    return str(
        references[0].get("SourceSystemReferenceValue") or body.get("OriginalTransactionReference") or body.get("SourceReference")
        or body.get("CrossReference") or body.get("SourceProjectReference") or body.get("ExternalReferenceKey") or f"{kind.name} without a key"
    )  # fmt: skip
