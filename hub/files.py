"""Composition root of loads and profiles: flows read files through this one function and know no connector."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from connectors.errors import ConfigurationError
from connectors.files.reader import BadLine, Identify, dialect_of, read_file
from connectors.port import Incoming
from hub.errors import RequestError


def read_records(
    file: Path, object_: str, identify: Identify, dialect: Mapping[str, Any]
) -> Iterator[tuple[Incoming | BadLine, int]]:
    """Every record of a file of CSV or JSON lines, or why a line is none, each with the byte offset behind it.

    Raises :class:`RequestError` when the file as a whole cannot be read.
    """
    try:
        yield from read_file(file, object_, identify, dialect_of(file, **dialect))
    except (ConfigurationError, TypeError) as error:
        raise RequestError("BAD_FILE", f"{file.name} cannot be read: {error}", remedy="Mend the file or its dialect.") from error
    except OSError as error:
        raise RequestError("BAD_FILE", f"{file.name} cannot be read: {error.strerror}", remedy="Mend the file's path.") from error
