"""Two demonstrations: the story (three simulated systems) and real records (``hub.demo.real``)."""

from __future__ import annotations

from importlib import import_module

from hub.settings import Settings


def main(settings: Settings, once: bool) -> int:
    """``hub demo``: play the story."""
    played: int = import_module("hub.demo.story").main(settings, once)
    return played
