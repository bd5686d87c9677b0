"""What ``hub connector new`` writes: a connector that works, of a system that does not exist, under another name.

``template/`` is that connector and ``tests/`` its tests, both run as they are here; only their name is put in.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).parent
PLACES = {"template": "connectors/{name}", "tests": "tests/connectors"}
"""Folder here → folder of a clone."""
RESERVED = frozenset({"hub", "portal", "steward", "rest", "files", "singer", "airbyte", "sql", "programs", "memory", "simulator", "conformance", "skeleton", "template"})


def write(name: str, clone: Path) -> list[str]:
    """Write the connector ``name`` into a clone; answers the files, from its root. Raises ValueError in words; then nothing is written."""
    if not re.fullmatch(r"[a-z][a-z0-9_]{1,40}", name) or keyword.iskeyword(name) or name in RESERVED:
        raise ValueError(f"{name!r} cannot name a connector: use small letters, digits and _, and none of {', '.join(sorted(RESERVED))}")
    if not (clone / "connectors" / "port.py").is_file() or not (clone / "tests" / "connectors").is_dir():
        raise ValueError(f"{clone} is no clone of the hub: say where it lies with --into")
    if (clone / "connectors" / name).exists():
        raise ValueError(f"there is a connector {name} already")
    made = list(_files(name))
    for path, text in made:
        (clone / path).parent.mkdir(parents=True, exist_ok=True)
        (clone / path).write_text(text, encoding="utf-8")
    return [path for path, _ in made]


def _files(name: str) -> Iterator[tuple[str, str]]:
    title = "".join(part.capitalize() for part in name.split("_"))
    for folder, place in PLACES.items():
        for path in sorted((HERE / folder).rglob("*")):
            if path.is_file() and path.suffix in (".py", ".yaml", ".md", ".json"):
                target = f"{place.format(name=name)}/{path.relative_to(HERE / folder).as_posix()}".replace("template", name)
                text = path.read_text(encoding="utf-8").replace("connectors.skeleton.template", f"connectors.{name}")
                yield target, text.replace("template", name).replace("Template", title)
