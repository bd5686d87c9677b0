"""A trial goes through everything and leaves nothing: what would be created, linked, doubtful, waiting, refused."""

from __future__ import annotations

import json
from typing import Any

from hub.flows.staging import Trial, try_out
from hub.store import configuration
from hub.store.inbox import NewMessage
from hub.store.statements import Connection
from tests.flows.conftest import Hub

MAPPING = {
    "mappings": [
        {
            "object": "account", "entity": "client", "id": "Id", "when": {"path": "Kind", "is_not": ["internal"]},
            "fields": {"name": "Name", "legal_name": "Name", "country": "Country", "registration_no": "Reg", "kind": "Sort"},
        },
        {"object": "person", "entity": "contact", "id": "Id", "fields": {"family_name": "Name", "email": "Mail", "client": {"path": "Account", "reference": "account"}}},
    ]
}  # fmt: skip


def account(id_: str, name: str, **more: Any) -> NewMessage:
    return _message("account", id_, {"Name": name, **more})


def _message(object_: str, id_: str, body: dict[str, Any]) -> NewMessage:
    return NewMessage("bill", object_, id_, json.dumps({"Id": id_, **body}).encode(), f"{object_} {id_} {body}", f"line {id_}")


async def tried(hub: Hub, *messages: NewMessage, mapping: dict[str, Any] = MAPPING) -> Trial:
    async def prepare(tx: Connection) -> None:
        await configuration.put_mapping(tx, hub.tenant, "bill", mapping)

    return await try_out(hub.pool, hub.tenant, prepare, messages)


async def everything(hub: Hub) -> list[int]:
    tables = ("inbox", "inbox_open", "source_record", "change", "task", "decision", "mapping", "match_key")
    counts = [f"(SELECT count(*) FROM hub.{name})" for name in tables]
    return list(await hub.pool.fetchrow(f"SELECT {', '.join(counts)}, (SELECT count(*) FROM golden.client), (SELECT config_version FROM hub.tenant)"))


async def test_a_trial_tells_what_would_become_of_each_record_and_stores_nothing(hub: Hub) -> None:
    borealis = await hub.told("crm", "client", "c1", {"name": "Borealis AG", "registration_no": "HRB 4711", "country": "DE"})
    before = await everything(hub)
    trial = await tried(
        hub,
        account("1", "Aurora Ltd", Country="GB"),
        account("2", "Borealis", Country="DE", Reg="HRB 4711"),
        account("3", "Ours", Kind="internal"),
        account("4", "", Country="DE"),
        account("5", "Celeste", Sort="PLATINUM?"),
        _message("person", "p1", {"Name": "Ada", "Mail": "ada@aurora.example", "Account": "1"}),
        NewMessage("bill", "account", "6", b"[1]", "account 6", "line 6"),
    )
    assert dict(trial.counts) == {"created": 3, "linked": 1, "passed_over": 1, "waiting": 1, "refused": 1}
    assert (trial.records, trial.offered, trial.is_whole, trial.incomplete) == (7, 7, True, 1)
    assert trial.codes == [{"set": "CLIENT_KIND", "theirs": "PLATINUM?", "count": 1}]
    assert {kind: [(one["external_id"], one.get("name", "")) for one in some] for kind, some in trial.samples.items()} == {
        "created": [("1", "Aurora Ltd"), ("5", "Celeste"), ("p1", "Ada")], "linked": [("2", "Borealis AG")], "passed_over": [("3", "")],
        "waiting": [("4", "")], "refused": [("6", "")],
    }  # fmt: skip
    assert trial.samples["linked"][0]["golden_id"] == str(borealis)
    assert [one["reason"] for one in trial.problems if one["cause"] == "required"] == ["client is opened once name is known"]
    assert await everything(hub) == before


async def test_a_long_trial_tells_what_a_person_would_be_asked_though_a_load_is_asked_about_later(hub: Hub) -> None:
    at = {"street": "4 Quay Street", "city": "Leeds", "postcode": "LS1 4AP", "country": "GB", "phone": "+441134960001"}
    await hub.told("crm", "client", "c1", {"name": "Ironwood Bridge Analytics", **at})
    mapping = {"mappings": [{"object": "account", "entity": "client", "id": "Id", "fields": {"name": "Name", **{name: name for name in at}}}]}
    trial = await tried(hub, *(account(f"{n}", f"{chr(65 + n % 26)}lder {n * 7919} Works") for n in range(60)), account("like", "Ironwood Bridge Analytic", **at), mapping=mapping)
    assert ([one["external_id"] for one in trial.samples["doubtful"]], trial.counts["doubtful"]) == (["like"], 1)


async def test_records_of_one_trial_find_each_other(hub: Hub) -> None:
    same = {"Country": "DE", "Reg": "HRB 4711"}
    trial = await tried(hub, account("1", "Borealis AG", **same), account("2", "Borealis", **same), account("1", "Borealis GmbH", **same))
    assert dict(trial.counts) == {"created": 1, "joined": 2}


async def test_a_trial_tells_which_values_of_the_firm_would_change(hub: Hub) -> None:
    await hub.told("crm", "client", "c1", {"name": "Borealis AG", "registration_no": "HRB 4711", "country": "DE"})
    trial = await tried(hub, account("2", "Borealis", Country="DE", Reg="HRB 4711"))
    assert trial.changes == {"client.legal_name": 1}


async def test_a_record_told_of_before_is_known(hub: Hub) -> None:
    await hub.told("bill", "account", "1", None)
    async with hub.transaction() as (tx, _):
        await configuration.put_mapping(tx, hub.tenant, "bill", MAPPING)
    await hub.told("bill", "account", "1", {"Id": "1", "Name": "Aurora Ltd"})
    assert dict((await tried(hub, account("1", "Aurora Ltd"), account("2", "Borealis"))).counts) == {"known": 1, "created": 1}


async def test_a_long_trial_stops_in_time_and_says_so(hub: Hub) -> None:
    messages = [account(str(number), f"Client {number}") for number in range(250)]

    async def prepare(tx: Connection) -> None:
        await configuration.put_mapping(tx, hub.tenant, "bill", MAPPING)

    trial = await try_out(hub.pool, hub.tenant, prepare, messages, most_s=0.0)
    assert (trial.records, trial.offered, trial.is_whole) == (50, 250, False)
