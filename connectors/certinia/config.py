"""A Certinia document as one of Salesforce: which of the two packages this connection is about, and when a week begins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast

from connectors.errors import ConfigurationError
from connectors.salesforce.config import SalesforceConfig
from connectors.salesforce.config import read as read_salesforce
from connectors.tables import Table

Package = Literal["psa", "accounting"]
PACKAGES: tuple[Package, ...] = ("psa", "accounting")
WEEK = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
TIMECARD = "pse__Timecard_Header__c"


@dataclass(frozen=True)
class CertiniaConfig:
    """``week`` are the days in the order in which a timecard has them; ``spare`` the objects that an org may do without."""

    salesforce: SalesforceConfig
    package: Package
    week: tuple[str, ...]
    spare: frozenset[str] = frozenset()


def read(document: Mapping[str, Any], file: str = "certinia") -> CertiniaConfig:
    """Read a document. Raises ConfigurationError at the first thing that is not as it must be."""
    top = Table(document, file)
    package, first = top.one_of("package", PACKAGES, "psa"), top.one_of("week_starts", WEEK, "sunday")
    place = WEEK.index(first)
    resources: dict[str, Any] = {}
    spare: set[str] = set()
    for name, table in (document.get("resources") or {}).items():
        if not isinstance(table, Mapping):
            raise ConfigurationError(f"{file}: resources.{name}: expected a table of keys and values")
        stated = Table(table, file, f"resources.{name}")
        packages = stated.texts("package")
        if packages and package not in packages:
            continue
        if stated.flag("spare"):
            spare.add(name)
        resources[name] = {key: value for key, value in table.items() if key not in ("package", "spare")}
    own = ("package", "week_starts")
    rest = {key: value for key, value in document.items() if key not in own} | {"resources": resources}
    return CertiniaConfig(read_salesforce(rest, file), cast(Package, package), (*WEEK[place:], *WEEK[:place]), frozenset(spare))
