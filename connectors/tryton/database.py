"""One database of Tryton's: methods of its models with the user's context, what its models are like, and what its errors mean."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from connectors.errors import ConnectorError, RejectedError, SchemaDriftError
from connectors.http import Answer, HttpClient
from connectors.jsonrpc import JsonRpc, Reply, RpcFault, RpcRefused
from connectors.rest.answers import error_of
from connectors.tryton.config import TrytonConfig
from connectors.tryton.values import plain, typed
from connectors.wire import dump_json

Record = dict[str, Any]
Fields = Mapping[str, Mapping[str, Any]]
_FIELD = re.compile(r'\bfield "([^"]+)"')
_MODEL = re.compile(r"'([a-z_]+(?:\.[a-z0-9_]+)+)'\Z")
_ABOUT = frozenset({"type", "relation", "relation_field", "string", "required", "readonly", "selection"})
MANY = 1000
"""Ids in one domain."""


@dataclass
class Database:
    """Calls to one database. The user's context is asked for once, a model's description once each."""

    config: TrytonConfig
    client: HttpClient
    rpc: JsonRpc = field(init=False)
    _context: Record = field(default_factory=dict, init=False, repr=False)
    _fields: dict[str, Fields] = field(default_factory=dict, init=False, repr=False)
    _found: dict[tuple[str, str, str], int] = field(default_factory=dict, init=False, repr=False)
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock, init=False, repr=False)

    def __post_init__(self) -> None:
        # longer answers come compressed, whether one takes them or not
        self.rpc = JsonRpc(self.client, f"{self.config.database}/rpc/", headers={"accept-encoding": "gzip"})

    async def context(self) -> Record:
        """The user's context, in English so that errors can be told apart, with the company records belong to."""
        async with self._lock:
            if not self._context:
                told = await self._asked("model.res.user.get_preferences", [True, {}], "read the user's preferences", is_read=True)
                if not isinstance(told.result, dict):
                    raise SchemaDriftError(f"{self.config.rest.system} answered no preferences", path="result", system=self.config.rest.system)
                self._context = {key: told.result[key] for key in ("company", "companies", "employee") if told.result.get(key)} | {"language": "en"}
                if self.config.company:
                    self._context["company"] = self.config.company
        return self._context

    def forget_context(self) -> None:
        """Ask for the user's context anew, since its company is another now."""
        self._context = {}

    async def call(self, method: str, params: Sequence[Any], what: str, *, is_read: bool, more: Mapping[str, Any] | None = None) -> Any:
        """The plain result of ``model.method`` or ``wizard.…``; the context is put behind the parameters, with ``more`` in it."""
        return plain((await self.reply(method, params, what, is_read=is_read, more=more)).result)

    async def reply(self, method: str, params: Sequence[Any], what: str, *, is_read: bool, more: Mapping[str, Any] | None = None) -> Reply:
        """The result as it came, with its headers."""
        return await self._asked(method, [*params, {**await self.context(), **(more or {})}], what, is_read=is_read)

    async def _asked(self, method: str, params: list[Any], what: str, *, is_read: bool, is_first: bool = True) -> Reply:
        """A warning the document confirms is answered with yes, once: nothing was carried out before."""
        try:
            return await self.rpc.call(method, params, is_read=is_read)
        except RpcRefused as refused:
            raise error_of(self.config.rest, refused.answer, what, is_read=is_read) from refused
        except RpcFault as fault:
            name = warning_of(fault.error)
            if not name or not name.startswith(self.config.confirm) or not is_first:
                raise await self._error(fault.error, method, what, is_read=is_read) from fault
        confirmed = {"user": self.config.session.user_id, "name": name, "always": False}
        await self.reply("model.res.user.warning.create", [[confirmed]], "confirm a warning", is_read=False)
        return await self._asked(method, params, what, is_read=is_read, is_first=False)

    async def _error(self, error: Any, method: str, what: str, *, is_read: bool) -> ConnectorError:
        """What a fault means, by the table of errors; the label of the field it is about becomes the field's name."""
        code, message = said(error)
        if code == "ServerError" and is_read:
            named = _MODEL.match(message)
            text = f"{self.config.rest.system} has no model {named[1]}: activate its module, or leave the resource out" if named else ""
            found = self._drift(text or f"{self.config.rest.system} failed to {what}", message)
            return found if named or re.fullmatch(r"'\w+'", message) else error_of(self.config.rest, _answer(code, message, "", 500), what, is_read=True)
        label, name = _FIELD.search(message), ""
        if label and method.startswith("model."):
            name = await self._named(method.removeprefix("model.").rpartition(".")[0], label[1])
        return error_of(self.config.rest, _answer(code, message, name, 400), what, is_read=is_read)

    def _drift(self, text: str, path: str) -> SchemaDriftError:
        return SchemaDriftError(text, path=path.strip("'"), system=self.config.rest.system)

    async def _named(self, model: str, label: str) -> str:
        """The field of a label; the label itself where the model has none such: it is a child's."""
        known = self._fields.get(model, {})
        return next((name for name, one in known.items() if one.get("string") == label), label.lower().replace(" ", "_"))

    # --- what its models are like --------------------------------------------------------------------------------------

    async def fields(self, model: str) -> Fields:
        """Field → what the database says of it."""
        if model not in self._fields:
            told = await self.call(f"model.{model}.fields_get", [[]], f"describe {model}", is_read=True)
            if not isinstance(told, dict):
                raise self._drift(f"{self.config.rest.system} answered no fields of {model}", model)
            self._fields[model] = {name: {key: one[key] for key in _ABOUT & one.keys()} for name, one in told.items()}
        return self._fields[model]

    async def field(self, model: str, path: str) -> Mapping[str, Any] | None:
        """What a dotted path of a model leads to; None when to nothing."""
        *steps, last = path.split(".")
        for step in steps:
            about = (await self.fields(model)).get(step)
            if about is None or not about.get("relation"):
                return None
            model = str(about["relation"])
        return {"type": "char"} if last in ("_timestamp", "rec_name") else (await self.fields(model)).get(last)

    # --- records -------------------------------------------------------------------------------------------------------

    async def search_read(
        self, model: str, domain: Sequence[Any], fields: Iterable[str], *, order: Any = None, limit: int | None = None, what: str = ""
    ) -> tuple[list[Record], Mapping[str, str]]:
        """Records with what was asked for inside of them, and the headers of the answer. Raises SchemaDriftError for no list of records."""
        asked = list(fields)
        reply = await self.reply(f"model.{model}.search_read", [list(domain), 0, limit, order, asked], what or f"read {model}", is_read=True)
        rows = plain(reply.result)
        if not isinstance(rows, list) or not all(isinstance(one, dict) and "id" in one for one in rows):
            raise self._drift(f"{self.config.rest.system} answered no list of {model}", "result")
        return [await self.inside(model, one) for one in rows], reply.headers

    async def read_many(self, model: str, ids: Iterable[int], fields: Iterable[str], *, also: Sequence[Any] = ()) -> list[Record]:
        """The records of these ids that are there, inactive ones too."""
        listed, found, asked = sorted(set(ids)), list[Record](), list(fields)
        for start in range(0, len(listed), MANY):
            domain = [["id", "in", listed[start : start + MANY]], *await self.every(model), *also]
            found += (await self.search_read(model, domain, asked))[0]
        return found

    async def search(self, model: str, domain: Sequence[Any], *, limit: int | None = None) -> list[int]:
        found: list[int] = await self.call(f"model.{model}.search", [list(domain), 0, limit, None], f"search {model}", is_read=True)
        return found

    async def every(self, model: str) -> list[Any]:
        """The condition by which inactive records are found too."""
        return [["active", "in", [True, False]]] if "active" in await self.fields(model) else []

    async def inside(self, model: str, row: Record) -> Record:
        """A row with what dotted fields brought in its place, and values by their types."""
        about, found = await self.fields(model), dict[str, Any]()
        for name, value in row.items():
            if not name.endswith("."):
                found.setdefault(name, typed(value, about.get(name, {})))
                continue
            name = name[:-1]
            relation = str(about.get(name, {}).get("relation") or "")
            if isinstance(value, list):
                found[name] = [await self.inside(relation, one) for one in value]
            else:
                found[name] = await self.inside(relation, value) if isinstance(value, dict) and relation else value
        return found

    async def id_of(self, model: str, wanted: Mapping[str, Any], at: str) -> int:
        """The record that a field of it names (``{"code": "EUR"}``). Raises RejectedError when there is none, or several."""
        if set(wanted) == {"id"}:
            return int(wanted["id"])
        first, value = next(iter(wanted.items()))
        key = (model, first, str(value))
        if len(wanted) == 1 and key in self._found:
            return self._found[key]
        found = await self.search(model, [[name, "=", one] for name, one in wanted.items()], limit=2)
        if len(found) != 1:
            said_ = ", ".join(map(str, wanted.values()))
            text = f"{self.config.rest.system} has {'no' if not found else 'more than one'} {model} {said_}"
            raise RejectedError(text, cause="reference", field=at, remedy="Enter it in Tryton, or map the code.", system=self.config.rest.system)
        if len(wanted) == 1:
            self._found[key] = found[0]
        return found[0]


def said(error: Any) -> tuple[str, str]:
    """Code and text of a fault; a failure of the server itself has no code of its own.

    >>> said(["UserError", ["The code on party must be unique.", "", None]]), said(["'nme'", ""])
    (('UserError', 'The code on party must be unique.'), ('ServerError', "'nme'"))
    """
    if not isinstance(error, list) or not error:
        return "ServerError", str(error)[:1000]
    name, told = str(error[0]), error[1] if len(error) > 1 else ""
    if name == "UserError" and isinstance(told, list):
        return name, " ".join(str(one) for one in told[:2] if one)
    if name == "UserWarning" and isinstance(told, list):
        return name, " ".join(str(one) for one in told if one)
    if name in ("ConcurrencyException", "LoginException"):
        return name, str(told)
    return "ServerError", name


def warning_of(error: Any) -> str:
    """The name of a warning that wants to be confirmed, "" for any other fault."""
    is_one = isinstance(error, list) and len(error) > 1 and error[0] == "UserWarning" and isinstance(error[1], list) and error[1]
    return str(error[1][0]) if is_one else ""


def _answer(code: str, message: str, field_: str, status: int) -> Answer:
    """A fault in the form the table of errors reads."""
    return Answer(status, {}, dump_json({"code": code, "message": message[:2000], "field": field_}))

