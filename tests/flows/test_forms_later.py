"""Forms of a load are written after it: soon, of what the records say by then, and with the questions it would have raised."""

from __future__ import annotations

from typing import Any

from hub.flows import forms_later
from hub.flows.finders import Finders
from hub.flows.forms import MOST_AT_ONCE
from tests.flows.conftest import Hub
from tests.flows.test_likeness import NORTH, SPELT, trained

FORMS = "SELECT s.external_id, f.form ->> 'name_core' AS name FROM hub.match_form f JOIN hub.source_record s ON s.id = f.source_id ORDER BY f.source_id"
ASKED = "SELECT subject, detail -> 'evidence' ->> 'model' AS model FROM hub.task WHERE cause = 'possible_duplicate' AND state = 'open' ORDER BY subject"


async def load(hub: Hub, several: list[dict[str, Any]], system: str = "crm") -> None:
    """All at once, whatever came before."""
    for number, values in enumerate(several):
        await hub.tell(system, "client", str(number), values)
    await hub.settle()


def strangers(count: int) -> list[dict[str, Any]]:
    words = ("Alder", "Birch", "Cedar", "Dogwood", "Elm", "Fir", "Ginkgo", "Hazel", "Iris", "Juniper")
    return [{"name": f"{words[at % 10]}{chr(97 + at // 10)} {words[at // 7 % 10]} Works", "duns": f"{200_000_001 + at}"} for at in range(count)]


async def test_a_load_is_stored_without_forms_and_a_finder_writes_them(hub: Hub) -> None:
    several = strangers(2 * MOST_AT_ONCE + 7)
    await load(hub, several)
    assert await hub.rows(FORMS) == []
    assert await Finders(hub.pool, hub.ingester.configurations).run_once() >= len(several)
    written = await hub.rows(FORMS)
    assert sorted(int(row["external_id"]) for row in written) == list(range(len(several)))
    assert await hub.rows("SELECT 1 FROM hub.form_later") == []


async def test_few_records_have_their_forms_at_once_and_so_has_a_load_that_a_trained_model_judges(hub: Hub) -> None:
    await load(hub, strangers(MOST_AT_ONCE))
    assert len(await hub.rows(FORMS)) == MOST_AT_ONCE
    await trained(hub)
    await load(hub, strangers(2 * MOST_AT_ONCE), "erp")
    assert len(await hub.rows(FORMS)) == 3 * MOST_AT_ONCE


async def test_what_a_load_would_have_asked_is_asked_afterwards_once_of_each_pair(hub: Hub) -> None:
    known = await hub.told("psa", "client", "1", NORTH)
    twin = {"name": "Ironwood Bridge Analytics", "street": "4 Quay Street", "city": "Leeds", "postcode": "LS1 4AP", "country": "GB", "phone": "+441134960001"}
    await load(hub, [*strangers(MOST_AT_ONCE), SPELT, twin, {**twin, "name": "Ironwood Bridge Analytic"}])
    assert await hub.rows(ASKED) == []
    assert await forms_later.write_all(hub.pool, hub.ingester.configurations, hub.tenant) == MOST_AT_ONCE + 3
    assert await hub.rows(ASKED) == [
        {"subject": f"client crm client {MOST_AT_ONCE}", "model": "0"}, {"subject": f"client crm client {MOST_AT_ONCE + 2}", "model": "0"},
    ]  # fmt: skip
    others = {row["other"] for row in await hub.rows("SELECT detail ->> 'other' AS other FROM hub.task WHERE cause = 'possible_duplicate'")}
    assert others == {str(known), str(await hub.golden_id("crm", "client", str(MOST_AT_ONCE + 1)))}
    assert await forms_later.write_all(hub.pool, hub.ingester.configurations, hub.tenant) == 0


async def test_a_form_written_later_is_that_of_what_its_record_says_by_then_and_one_that_ended_has_none(hub: Hub) -> None:
    await load(hub, strangers(MOST_AT_ONCE + 2))
    await hub.told("crm", "client", "0", {"name": "Larch Haulage", "duns": "200000001"})
    await hub.told("crm", "client", "1", None)
    await forms_later.write_all(hub.pool, hub.ingester.configurations, hub.tenant)
    written = {row["external_id"]: row["name"] for row in await hub.rows(FORMS)}
    assert (written["0"], "1" in written, len(written)) == ("larch haulage", False, MOST_AT_ONCE + 1)
    strays = await hub.rows("SELECT 1 FROM hub.blocking_key b LEFT JOIN hub.match_form f USING (tenant_id, source_id) WHERE b.key = ANY (f.keys) IS NOT TRUE")
    assert strays == []


async def test_where_a_trained_model_judges_only_what_changed_waits_for_its_form(hub: Hub) -> None:
    await trained(hub)
    await load(hub, strangers(2 * MOST_AT_ONCE))
    before = {row["external_id"]: row["name"] for row in await hub.rows(FORMS)}
    told = [{**values, "name": f"{values['name']} Leeds"} for values in strangers(2 * MOST_AT_ONCE)]
    await load(hub, [*told, {"name": "Larch Haulage"}])
    now = {row["external_id"]: row["name"] for row in await hub.rows(FORMS)}
    assert now == before | {str(2 * MOST_AT_ONCE): "larch haulage"}
    await forms_later.write_all(hub.pool, hub.ingester.configurations, hub.tenant)
    assert [row["name"] for row in await hub.rows(FORMS)] == [*(f"{name} leeds" for name in before.values()), "larch haulage"]
