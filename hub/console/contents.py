"""The pages of the console, in the order of the navigation. A page is a module of ``hub.console.pages`` with ``PAGE``."""

from __future__ import annotations

from hub.console.page import Page
from hub.console.pages import (
    add_system, answers, codes, compare, decisions, deliveries, hierarchy, history, home, inbox, model, money, overrides, people,
    plans_page, proposals, quality, record, reference_data, search, sending, sources, trail, where,
)  # fmt: skip

PAGES: tuple[Page, ...] = (
    home.PAGE,
    inbox.PAGE,
    answers.PAGE,
    trail.ALERTS_PAGE,
    proposals.PAGE,
    decisions.PAGE,
    search.PAGE,
    compare.PAGE,
    where.PAGE,
    record.PAGE,
    history.PAGE,
    hierarchy.PAGE,
    money.PAGE,
    overrides.PAGE,
    sources.PAGE,
    sending.PAGE,
    add_system.PAGE,
    deliveries.PAGE,
    deliveries.LETTERS_PAGE,
    trail.PAGE,
    codes.PAGE,
    reference_data.PAGE,
    model.PAGE,
    quality.PAGE,
    plans_page.PAGE,
    people.PAGE,
)  # fmt: skip
