"""Types of the API that are made, not written: empty classes first, their fields when all names are known.

The model's types refer to each other in circles, so every class exists as a shell before any field names it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from inspect import Parameter, Signature, signature
from typing import Any

import strawberry
from strawberry.annotation import StrawberryAnnotation
from strawberry.types.field import StrawberryField
from strawberry.types.fields.resolver import StrawberryResolver

Annotation = Any
"""What a GraphQL type is written as: a class, ``list[X]``, ``X | None`` …"""


class Shells:
    """The classes that become GraphQL types, by GraphQL name."""

    def __init__(self) -> None:
        self._classes: dict[str, type] = {}
        self._filled: set[str] = set()

    def of(self, name: str, *bases: type) -> type:
        """The class of a type, made at its first mention; bases are interfaces and count at the first mention only."""
        if name not in self._classes:
            self._classes[name] = type(name, bases, {"__doc__": "", "__module__": __name__})
        return self._classes[name]

    def output(self, name: str, fields: Mapping[str, StrawberryField], doc: str = "") -> type:
        """Fill a shell as an object type. Any Python object may stand for it."""
        cls = self.fill(name, fields)
        cls.is_type_of = staticmethod(_anything)  # type: ignore[attr-defined]
        return strawberry.type(cls, name=name, description=doc or None)

    def input(self, name: str, fields: Mapping[str, StrawberryField], doc: str = "") -> type:
        """Fill a shell as an input type; its values arrive as they were sent, by GraphQL names."""
        cls = strawberry.input(self.fill(name, fields), name=name, description=doc or None)
        cls.__strawberry_definition__.from_input = lambda _, value, __: dict(value)  # type: ignore[attr-defined]
        return cls

    def fill(self, name: str, fields: Mapping[str, StrawberryField]) -> type:
        """Give a shell its fields, once."""
        cls = self.of(name)
        if name in self._filled:
            raise ValueError(f"type {name} is declared twice")
        self._filled.add(name)
        cls.__annotations__ = {}
        for python_name, made in fields.items():
            made.python_name = python_name
            setattr(cls, python_name, made)
            cls.__annotations__[python_name] = made.type_annotation.annotation if made.type_annotation else object
        return cls

    def unfilled(self) -> set[str]:
        """Shells that were mentioned and never filled."""
        return set(self._classes) - self._filled


def _anything(_: object, __: object) -> bool:
    return True


def plain_field(name: str, annotation: Annotation, doc: str = "") -> StrawberryField:
    """A field read from the object by its Python name."""
    return StrawberryField(graphql_name=name, type_annotation=StrawberryAnnotation(annotation), description=doc or None)


def _with(extra: Mapping[str, Annotation], resolver: Callable[..., Any]) -> Signature:
    """The resolver's signature with ``**given`` spelled out."""
    own = [one for one in signature(resolver).parameters.values() if one.kind is not Parameter.VAR_KEYWORD]
    typed = [one.replace(annotation=resolver.__annotations__.get(one.name, Any)) for one in own]
    named = [Parameter(name, Parameter.KEYWORD_ONLY, default=None, annotation=kind) for name, kind in extra.items()]
    return Signature([*typed, *named])


def input_field(name: str, annotation: Annotation, doc: str = "", required: bool = False) -> StrawberryField:
    """A field of an input; absent unless sent."""
    default = {} if required else {"default": strawberry.UNSET}
    return StrawberryField(
        graphql_name=name, type_annotation=StrawberryAnnotation(annotation), description=doc or None, **default
    )


def resolved_field(
    name: str,
    annotation: Annotation,
    resolver: Callable[..., Any],
    doc: str = "",
    /,
    *,
    extra: Mapping[str, Annotation] | None = None,
    **arguments: Annotation,
) -> StrawberryField:
    """A field with a resolver ``(root, info, …)``; ``arguments`` gives the types of its arguments by Python name.

    ``extra`` are arguments the resolver takes as ``**given``.
    """
    resolver.__annotations__ = {"root": Any, "info": strawberry.Info, **arguments, **(extra or {}), "return": annotation}
    if extra is not None:
        resolver.__signature__ = _with(extra, resolver)  # type: ignore[attr-defined]
    made: StrawberryResolver[Any] = StrawberryResolver(resolver)
    for argument in made.arguments:
        if argument.default is None:
            argument.default = strawberry.UNSET  # left out of the schema; the resolver's own default says the same
    return StrawberryField(
        graphql_name=name,
        type_annotation=StrawberryAnnotation(annotation),
        base_resolver=made,
        description=doc or None,
    )
