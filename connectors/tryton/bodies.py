"""Bodies as mappings write them, in Tryton's terms: commands for lists, ids for names, buttons for states."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connectors.errors import RejectedError
from connectors.tryton import records, work
from connectors.tryton.config import Model, Part
from connectors.tryton.database import Database, Record
from connectors.tryton.values import wire


@dataclass(frozen=True)
class Bodies:
    """What is sent to one database."""

    database: Database

    async def of(self, model: Model, body: Mapping[str, Any], current: Record) -> tuple[Record, list[tuple[str, ...]]]:
        """The values of a record (``current`` is {} for a new one), and the buttons that bring it where the body wants it.

        Raises RejectedError, with the field, for what the model does not have or a value that cannot be one of it.
        """
        told, pressed = dict(body), list[tuple[str, ...]]()
        for name in model.buttons:
            if name in told and (state := told.pop(name)) is not None:
                pressed.append(self._buttons(model, name, str(state)))
        if model.is_marked and current and model.key in told and current.get("hub_id"):
            told[model.key] = records.marked(told[model.key], str(current["hub_id"]))
        parts = {name: told.pop(name) for name in model.parts if name in told}
        numbers = told.pop("tax_numbers", None) if "identifiers" in model.lists else None
        if model.work:
            await self._booked(model, told, current)
        values = await self._values(model.model, told)
        if model.work == "tree" and values.get("status") and "progress" not in values:
            values |= await work.progressed(self.database, int(values["status"]))
        if numbers is not None and (commands := records.of_numbers(current.get("identifiers") or (), numbers)):
            values["identifiers"] = commands
        for name, wanted in parts.items():
            part = model.parts[name]
            listed = [one for one in current.get(part.of) or () if isinstance(one, dict)]
            if commands := await self._commands(model, part, wanted, listed):
                values.setdefault(part.of, []).extend(commands)
        return values, pressed

    async def _commands(self, model: Model, part: Part, wanted: Any, listed: Sequence[Record]) -> list[Any]:
        about = (await self.database.fields(model.model)).get(part.of, {})
        children = str(about.get("relation") or "")
        if part.by:
            return records.of_kinds(listed, part.by, part.value, wanted or {})
        return records.of_list(listed, await self._values(children, wanted) if wanted else None)

    async def _values(self, model: str, body: Mapping[str, Any]) -> Record:
        fields, values = await self.database.fields(model), Record()
        for name, value in body.items():
            about = fields.get(name)
            if about is None:
                raise self._wrong(model, name, f"{model} has no such field")
            if isinstance(value, Mapping) and about.get("type") == "many2one":
                values[name] = None if None in value.values() else await self.database.id_of(str(about["relation"]), value, name)
            elif isinstance(value, list) and value and all(isinstance(one, Mapping) for one in value):
                values[name] = [["create", [await self._values(str(about["relation"]), one) for one in value]]]
            else:
                try:
                    values[name] = wire(value, about)
                except (ValueError, TypeError, KeyError) as error:
                    raise self._wrong(model, name, f"expected a {about.get('type')}") from error
        return values

    async def _booked(self, model: Model, told: Record, current: Record) -> None:
        """Project and task as Tryton keeps them: the sheet of the work, or the work above. Out of a task, a thing stays in its project."""
        if not {"project", "task"} & told.keys():
            return
        task, project = told.pop("task", None), told.pop("project", current.get("project"))
        above = task or project
        if model.work == "tree":
            told["parent"] = above
        elif above is not None:
            told["work"] = await work.sheet_of(self.database, int(above))

    async def filled_in(self, model: Model, values: Record) -> Record:
        """The values of a new record with what Tryton's own client would get by typing them, such as an invoice's account.

        Raises RejectedError where records have a company and the user has none: Tryton would answer with something else.
        """
        fields, context = await self.database.fields(model.model), await self.database.context()
        if fields.get("company", {}).get("required") and not (values.get("company") or context.get("company")):
            system = self.database.config.rest.system
            remedy = "Give the hub's user a company in its preferences, or say company: <id> in the document."
            raise RejectedError(f"{system} does not know whose company a new {model.model} is", cause="permission", field="company", remedy=remedy, system=system)
        names = [name for name in model.on_change if values.get(name) is not None]
        if not names:
            return values
        given = {"company": context.get("company"), **values} if "company" in fields else values
        scalars = {name: value for name, value in given.items() if not isinstance(value, list)}
        reply = await self.database.reply(f"model.{model.model}.on_change", [scalars, names], f"fill in a {model.model}", is_read=True)
        answered: Record = {}
        for one in reply.result if isinstance(reply.result, list) else [reply.result]:
            answered |= {name: value for name, value in (one or {}).items() if not name.endswith(".") and not isinstance(value, list)}
        return {**answered, **given}

    async def alike(self, model: Model, wanted: Mapping[str, Any]) -> list[Any]:
        """The condition that finds records by a natural key; what cannot be searched by is compared afterwards."""
        found: list[Any] = []
        for path, value in wanted.items():
            first, _, rest = path.partition(".")
            part = model.parts.get(first)
            asked = f"{part.of}.{rest}" if part and not part.by else path
            about = None if (part and part.by) or (model.work and first in ("project", "task")) else await self.database.field(model.model, asked)
            if about is not None and value is not None:
                found.append([asked, "=", wire(value, about)])
        return found

    def _buttons(self, model: Model, name: str, state: str) -> tuple[str, ...]:
        known = model.buttons[name]
        if state not in known:
            raise self._wrong(model.model, name, f"no button leads to {state!r}")
        return known[state]

    def still(self, model: Model, buttons: tuple[str, ...], state: str) -> tuple[str, ...]:
        """Of the buttons on the way to a state those that were not pressed to come where the record is."""
        behind = {each for known in model.buttons.values() for each in known.get(state, ())} if state else set()
        return tuple(each for each in buttons if each not in behind)

    def _wrong(self, model: str, name: str, why: str) -> RejectedError:
        system = self.database.config.rest.system
        text = f"{system} cannot be told {name} of {model}: {why}"
        return RejectedError(text, field=name, remedy="Correct the mapping, or the value in the hub or at its owner.", system=system)
