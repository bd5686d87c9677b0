"""A document of Finance & Operations as one of OData, and what is special with each of its data entities."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from connectors.auth import Auth
from connectors.entra import entra
from connectors.odata.config import ODataConfig
from connectors.odata.config import read as read_odata
from connectors.tables import Table

_OWN = ("optional", "composed", "dates", "either", "also", "beside", "segments", "people", "company", "company_codes", "defaults", "empties")


@dataclass(frozen=True, slots=True)
class Beside:
    """A value that another set has: in ``set``, ``column`` of the record whose ``key`` equals ``by`` here, in the same company."""

    set: str
    key: str
    by: str
    column: str


@dataclass(frozen=True, slots=True)
class DataEntity:
    """What is special with one set.

    ``optional``: columns that not every version has. ``composed``: a path ← columns joined with "|", both ways: an id elsewhere.
    ``dates``: instants that mean a day. ``either``: a column ← the first of several names it may have. ``also``: other names of the set.
    ``segments``: a column ← the first segment of another. ``people``: the column that holds a whole name. ``company_codes``: columns
    that hold a company's code in capitals. ``has_company``: new records need one. ``empties``: what a column says while it has
    nothing to say.
    """

    optional: tuple[str, ...] = ()
    composed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    dates: tuple[str, ...] = ()
    either: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    also: tuple[str, ...] = ()
    beside: Mapping[str, Beside] = field(default_factory=dict)
    segments: Mapping[str, str] = field(default_factory=dict)
    people: str = ""
    company_codes: tuple[str, ...] = ()
    has_company: bool = False
    defaults: Mapping[str, str] = field(default_factory=dict)
    empties: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class FinanceConfig:
    """``company``: where records are made that name none. ``companies``: the only ones that are read, all where none is said."""

    odata: ODataConfig
    auth: Auth
    entities: Mapping[str, DataEntity]
    company: str = ""
    companies: tuple[str, ...] = ()
    customer_group: str = ""


def read(document: Mapping[str, Any], file: str = "dynamics365_fo") -> FinanceConfig:
    """Read a document. Raises ConfigurationError at the first thing that is not as it must be."""
    top = Table(document, file)
    entities: dict[str, DataEntity] = {}
    resources: dict[str, Any] = {}
    companies = tuple(one.lower() for one in top.texts("companies"))
    for name, table in top.tables("resources"):
        entities[name] = _entity(table)
        stated = {key: value for key, value in document["resources"][name].items() if key not in _OWN}
        if entities[name].optional:
            stated["select"] = [*table.texts("select"), *entities[name].optional]
        if companies and "dataAreaId" in table.texts("id") and "where" not in stated:
            stated["where"] = " or ".join(f"dataAreaId eq '{one}'" for one in companies)
        resources[name] = stated
    own = {"company", "companies", "customer_group", "resources", "auth", "poll_every_s"}
    rest = {key: value for key, value in document.items() if key not in own} | {"resources": resources}
    scheme, host = urlsplit(top.text("base_url"))[:2]
    auth = entra(top.table("auth"), f"{scheme}://{host}/.default")
    return FinanceConfig(read_odata(rest, file), auth, entities, top.text("company", "").lower(), companies, top.text("customer_group", ""))


def _entity(table: Table) -> DataEntity:
    composed, either, beside = table.maybe("composed"), table.maybe("either"), table.maybe("beside")
    return DataEntity(
        table.texts("optional"), {one: composed.texts(one) for one in table.take("composed")} if composed else {}, table.texts("dates"),
        {one: either.texts(one) for one in table.take("either")} if either else {}, table.texts("also"),
        {one: _beside(one, beside) for one in table.take("beside")} if beside else {}, table.plain("segments"), table.text("people", ""),
        table.texts("company_codes"), table.flag("company"), table.plain("defaults"),
        table.plain("empties"),
    )  # fmt: skip


def _beside(one: str, table: Table) -> Beside:
    stated = table.texts(one)
    if len(stated) != 4:
        raise table.wrong(one, "a set, its key, the column here and the column there", str(stated))
    return Beside(*stated)
