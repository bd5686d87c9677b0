"""The star as statements and as the two texts a migration freezes: the views, and the words about their columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from hub.store.bi import HISTORY, THIS_TENANT, View, star
from schema.language import EntityMeta

ANY = "*"
"""Stands for every entity in front of a word that says the same of all."""


def views_sql(entities: Mapping[str, EntityMeta]) -> str:
    """Every view, a statement a line, in the order they are made."""
    return "".join(f"{statement};\n" for statement in (THIS_TENANT, *(view.sql for view in star(entities))))


def words(entities: Mapping[str, EntityMeta]) -> str:
    """What is said of views and columns: ``view<tab>words`` and ``entity.column<tab>words``, each thing once."""
    views = star(entities)
    said = {view.name: view.doc for view in views}
    for view in views:
        for column in view.columns:
            said[f"{ANY if column in HISTORY else view.entity}.{column.name}"] = column.doc
    return "".join(f"{name}\t{' '.join(doc.split())}\n" for name, doc in said.items())


def comments(views: Iterable[View]) -> dict[str, str]:
    """What each view and each column is said to be in the database: ``view`` or ``view.column`` → words."""
    found: dict[str, str] = {}
    for view in views:
        found[view.name] = " ".join(view.doc.split())
        found |= {f"{view.name}.{column.name}": " ".join(column.doc.split()) for column in view.columns}
    return found
