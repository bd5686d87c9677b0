"""``hub connector check`` on Tryton itself: signed in to, every object read, mapped, and asked for by our key."""

from __future__ import annotations

import pytest

from connectors.checking import findings
from connectors.registry import connect
from connectors.shipped import extended
from hub.demo.tryton import firm
from hub.demo.tryton.person import LEFT_OUT
from schema import CODE_SETS
from schema.code_maps import CodeMaps
from schema.mapping_file import load_code_maps, load_mappings
from tests.tryton.conftest import Running

pytestmark = pytest.mark.slow


async def test_a_database_passes_the_check_and_nothing_of_it_is_unmapped(running: Running) -> None:
    person = running.people["erp"]
    party = await firm.client(person, "Nordlicht Logistik GmbH")
    company = (await person.database.context())["company"]
    work = await firm.new_work(person, "Check", company, party=party)
    await firm.hours(person, await person.one("company.employee", party__name="Anna Berg"), await firm.sheet(person, work), "2026-11-20", 60, "checked")
    await firm.invoice(person, party, "Checked", "1", "10.00", "2026-11-20")
    own = {
        "extends": "tryton", "system": "erp", "base_url": running.url, "database": "erp", "resources": dict.fromkeys(LEFT_OUT["erp"]),
        "auth": {"user": "admin", "password": running.tryton.password}, "code_maps": {"PAYMENT_TERMS": {"30 days": "NET30"}},
    }  # fmt: skip
    whole = extended(own)
    codes = CodeMaps(load_code_maps(whole), lambda set_, value: set_ in CODE_SETS and CODE_SETS[set_].allows(value))
    connector = connect("tryton", {key: value for key, value in whole.items() if key not in ("mappings", "code_maps")})
    try:
        found = [one async for one in findings(connector, load_mappings(whole), codes)]
    finally:
        await connector.aclose()
    assert [(one.about, one.says) for one in found if one.state == "bad"] == []
    assert [(one.about, one.says) for one in found if one.state == "look" and "map" in one.says] == []
    assert {f"read {name}" for name in ("party", "project", "timesheet", "invoice")} <= {one.about for one in found}
