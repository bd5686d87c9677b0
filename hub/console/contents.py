"""The pages of the console, in the order of the navigation. A page is a module of ``hub.console.pages`` with ``PAGE``."""

from __future__ import annotations

from hub.console.page import Page
from hub.console.pages import home, money, proposals, search, sources

PAGES: tuple[Page, ...] = (
    home.PAGE,
    proposals.PAGE,
    search.PAGE,
    sources.PAGE,
    money.PAGE,
)  # fmt: skip
