"""Demonstrations: the story (three simulated systems, or products a firm names) and real records (``hub.demo.real``)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from importlib import import_module

from hub.settings import Settings


def main(settings: Settings, once: bool, products: Mapping[str, str] | None = None) -> int:
    """``hub demo``: play the story; with ``products`` (role → product) the one that can be played with any of them."""
    make = partial(import_module("hub.demo.vendor_story").VendorDemo, products) if products else None
    played: int = import_module("hub.demo.story").main(settings, once, make)
    return played
