"""A database as the people who work with it see it: what they enter, change, book and delete, by the methods Tryton's own client calls."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from connectors.errors import ConnectorError
from connectors.http import HttpClient
from connectors.shipped import extended
from connectors.tryton.config import read
from connectors.tryton.database import Database, Record
from connectors.tryton.values import wire
from connectors.tryton.wizards import pay
from hub.demo.narrator import StoryError

LEFT_OUT: Mapping[str, tuple[str, ...]] = {
    "crm": ("account", "employee", "project", "task", "timesheet", "product", "sale", "invoice", "payment"),
    "psa": ("account", "opportunity", "product", "sale", "invoice", "payment"),
    "erp": ("opportunity", "sale", "product"),
}
"""What the hub does not read there: no module has it, or nobody of this firm uses it."""


def document(name: str, url: str, password: str) -> dict[str, Any]:
    """What a firm writes about one of its databases."""
    return {
        "system": name, "extends": "tryton", "kind": name, "base_url": url, "database": name, "auth": {"user": "admin", "password": password},
        "resources": dict.fromkeys(LEFT_OUT[name]), "poll_every_s": 2.0, "overlap_s": 30, "corrects": name == "psa",
        "limits": {"concurrency": 1, "timeout_s": 60},  # SQLite: two that write at once would be given one number twice
        "code_maps": {"PAYMENT_TERMS": {"30 days": "NET30"}},
    }  # fmt: skip


@dataclass(frozen=True)
class Person:
    """Somebody who works with one database."""

    name: str
    database: Database

    @classmethod
    def at(cls, name: str, url: str, password: str) -> Person:
        hub_s = {"poll_every_s", "corrects", "mappings", "code_maps"}
        said = extended(document(name, url, password)) | {"confirm": [""]}  # a person answers every warning with yes
        config = read({key: value for key, value in said.items() if key not in hub_s}, name)
        return cls(name, Database(config, HttpClient(config.rest.http, config.session)))

    async def aclose(self) -> None:
        await self.database.client.aclose()
        await self.database.config.session.door.aclose()

    async def do(self, method: str, *params: Any, context: Mapping[str, Any] | None = None) -> Any:
        """Call a method. Raises StoryError with what Tryton said."""
        try:
            return await self.database.call(method, list(params), method, is_read=False, more=context)
        except ConnectorError as error:
            said = getattr(error, "detail", "")
            raise StoryError(f"the {self.name.upper()} does not {method}: {error} {said}".strip()) from error

    async def enter(self, model: str, values: Mapping[str, Any]) -> int:
        """Enter a record; amounts are Decimals, dates texts such as 2026-11-20."""
        (id,) = await self.do(f"model.{model}.create", [await self._told(model, values)])
        return int(id)

    async def edit(self, model: str, id: int, values: Mapping[str, Any]) -> None:
        await self.do(f"model.{model}.write", [id], await self._told(model, values))

    async def delete(self, model: str, id: int) -> None:
        await self.do(f"model.{model}.delete", [id])

    async def press(self, model: str, button: str, id: int) -> None:
        await self.do(f"model.{model}.{button}", [id])

    async def rows(self, model: str, fields: Iterable[str], domain: Iterable[Any] = ()) -> list[Record]:
        """Records, inactive ones too, by id."""
        try:
            found, _ = await self.database.search_read(model, [*domain, *await self.database.every(model)], fields, order=[["id", "ASC"]])
        except ConnectorError as error:
            raise StoryError(f"the {self.name.upper()} does not tell its {model}: {error}") from error
        return found

    async def one(self, model: str, **wanted: Any) -> int:
        """The id of the first record with these values. Raises StoryError when there is none."""
        domain = [[name.replace("__", "."), "=", value] for name, value in wanted.items()]
        found: list[int] = await self.do(f"model.{model}.search", domain, 0, 1, None)
        if not found:
            raise StoryError(f"the {self.name.upper()} has no {model} with {wanted}")
        return found[0]

    async def merge(self, source: int, destination: int) -> None:
        """Say that one party is another: Tryton's wizard moves what refers to it and closes it, after a warning that the names differ."""
        session, start, _ = await self.do("wizard.party.replace.create")
        await self.do("wizard.party.replace.execute", session, {start: {"source": source, "destination": destination}}, "replace")
        await self.do("wizard.party.replace.delete", session)

    async def pay(self, invoice: int, amount: Decimal, day: str) -> None:
        try:
            await pay(self.database, "account.invoice", {"invoice": invoice, "amount": amount, "date": day})
        except ConnectorError as error:
            raise StoryError(f"the {self.name.upper()} books no payment: {error} {getattr(error, 'detail', '')}") from error

    async def _told(self, model: str, values: Mapping[str, Any]) -> Record:
        """Values as Tryton takes them; lists of records become new ones."""
        about, told = await self.database.fields(model), Record()
        for name, value in values.items():
            if isinstance(value, list) and value and isinstance(value[0], Mapping):
                told[name] = [["create", [await self._told(str(about[name]["relation"]), one) for one in value]]]
            else:
                told[name] = value if isinstance(value, list) else wire(value, about[name])
        return told
