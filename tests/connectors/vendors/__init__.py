"""The vendors the conformance suite runs on, a module each: ``subject()`` starts its simulator, ``BESIDE_THE_POINT`` names the checks
that cannot be asked of it, each with its reason. A module that is added here is checked.
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType
from typing import Any

VENDORS: dict[str, ModuleType | Any] = {one.name: import_module(f"{__name__}.{one.name}") for one in iter_modules(__path__)}
