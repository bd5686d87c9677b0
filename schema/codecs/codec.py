"""What a codec is: one way of spelling a value, and the error that says a value is not spelled so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Read = Callable[[Any], Any]
Write = Callable[[Any], Any]


class CodecError(ValueError):
    """A value is not what the mapping says it is; the field is left out and the message reports ``path``."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}" if path else reason)
        self.path, self.reason = path, reason


@dataclass(frozen=True, slots=True)
class Codec:
    """One way of spelling a value.

    With ``beside`` (paths of sibling fields: the currency of an amount) ``read`` takes and ``write`` gives a tuple, the
    line's own value first. ``codes`` names the governed set whose code map translates; ``for_system`` completes a
    codec that must know whose ids it reads.
    """

    name: str
    read: Read
    write: Write
    beside: tuple[str, ...] = ()
    codes: str = ""
    is_open: bool = False
    """A code nobody mapped is taken as it is instead of waiting for a steward."""
    for_system: Callable[[str], Codec] | None = None


def shown(value: Any) -> str:
    """A value for an error message: short, without its content when it is long."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…"


def same(value: Any) -> Any:
    """What is written as it is."""
    return value
