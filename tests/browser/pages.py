"""Every page of the console, as somebody who may see it all reaches it."""

from __future__ import annotations

from collections.abc import Mapping

from tests.browser.firm import NASTY, Firm

PAGES: Mapping[str, str] = {
    "home": "/", "inbox": "/inbox", "inbox-empty": "/inbox?team=delivery&text=nothing", "inbox-bulk": "/inbox?cause=proposed", "task": "/inbox/{Aurora task}",
    "task-nasty": "/inbox/{nasty task}",
    "compare": "/compare/task/{Aurora task}", "compare-guard": "/compare/task/{Adler task}", "compare-nasty": "/compare?entity=client&id={img}&id={rtl}&id={long}",
    "answers": "/answers", "proposals": "/proposals", "proposal": "/proposals/{proposal}", "decisions": "/decisions", "search": "/search?q=aurora",
    "where": "/where", "where-record": "/record/client/{Deneb}/where", "chain": "/record/payment/{payment}/where",
    "record": "/record/client/{Aurora}", "record-empty": "/record/client/{Aurora}?empty=1", "record-long": "/record/client/{long}", "history": "/record/client/{Aurora}/history",
    "hierarchy": "/record/client/{Deneb}/hierarchy", "hierarchies": "/hierarchy", "referring": "/record/client/{Aurora}/related/contact/client",
    "money": "/money", "money-list": "/money/list?cause=missing_client_po&currency=EUR", "overrides": "/overrides", "sources": "/sources", "source": "/sources/erp",
    "source-modes": "/sources/erp/modes", "source-parked": "/sources/erp/parked", "source-profile": "/sources/erp/profile", "add": "/add-system", "codes": "/codes",
    "reference": "/reference", "model": "/model", "model-client": "/model/client", "quality": "/quality", "quality-client": "/quality/client", "plans": "/plans",
    "people": "/people", "subscriptions": "/subscriptions", "subscription": "/subscriptions/{erp}", "webhook": "/subscriptions/{till}",
    "dead-letters": "/dead-letters", "alerts": "/alerts", "trail": "/trail?q={Aurora}", "trail-empty": "/trail",
}  # fmt: skip


def addresses(firm: Firm) -> dict[str, str]:
    """Name → path, with the ids of a firm."""
    given = {
        "Aurora task": firm.tasks["Aurora Energie"], "Adler task": firm.tasks["Adler Maschinenbau 1 GmbH"], "nasty task": firm.tasks[NASTY[2]],
        "Aurora": firm.ids["Aurora Energie"], "Deneb": firm.ids["Deneb Logistik"], "payment": firm.ids["payment"], "proposal": firm.proposal,
        "img": firm.ids[NASTY[0]], "rtl": firm.ids[NASTY[1]], "long": firm.ids[NASTY[2]], "erp": firm.ids["to erp"], "till": firm.ids["till"],
    }  # fmt: skip
    return {name: path.format_map(given) for name, path in PAGES.items()}
