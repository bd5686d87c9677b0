"""The star as statements: its views with their grants, and the words about them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256

from hub.store.bi import THIS_TENANT, View, star
from schema.language import EntityMeta


@dataclass(frozen=True, slots=True)
class Script:
    """What makes the star. ``fingerprint`` changes with a view, a grant or a word, and with nothing else."""

    names: frozenset[str]
    views: str
    words: str

    @property
    def views_fingerprint(self) -> str:
        return _digest(self.views)

    @property
    def fingerprint(self) -> str:
        """Of the views, and behind it of the words.

        >>> Script(frozenset(), "CREATE VIEW …", "COMMENT …").fingerprint
        'views f8083e03e24acd7d words 2c79552e98a17ea5'
        """
        return f"views {self.views_fingerprint} words {_digest(self.words)}"


def script(entities: Mapping[str, EntityMeta]) -> Script:
    """The statements that make the star as the model derives it now, for role ``hub_worker``, which owns it."""
    views = star(entities)
    return Script(
        frozenset({"this_tenant", *(view.name for view in views)}),
        views_sql(entities) + "".join(f"{statement};\n" for statement in _grants(views)),
        "".join(f"{statement};\n" for statement in _comments(views)),
    )


def views_sql(entities: Mapping[str, EntityMeta]) -> str:
    """Every view, a statement a line, in the order they are made."""
    return "".join(f"{statement};\n" for statement in (THIS_TENANT, *(view.sql for view in star(entities))))


def comments(views: Iterable[View]) -> dict[str, str]:
    """What each view and each column is said to be in the database: ``view`` or ``view.column`` → words."""
    found: dict[str, str] = {}
    for view in views:
        found[view.name] = " ".join(view.doc.split())
        found |= {f"{view.name}.{column.name}": " ".join(column.doc.split()) for column in view.columns}
    return found


def _grants(views: Iterable[View]) -> Iterable[str]:
    yield "GRANT SELECT ON bi.this_tenant TO hub_bi, hub_examiner"
    for view in views:
        yield f"GRANT SELECT ON bi.{view.name} TO {'hub_bi_confidential' if view.is_confidential else 'hub_bi'}, hub_examiner"


def _comments(views: Iterable[View]) -> Iterable[str]:
    for name, said in comments(views).items():
        view, _, column = name.partition(".")
        text = said.replace("'", "''")
        yield f"""COMMENT ON COLUMN bi.{view}."{column}" IS '{text}'""" if column else f"COMMENT ON VIEW bi.{view} IS '{text}'"


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:16]
