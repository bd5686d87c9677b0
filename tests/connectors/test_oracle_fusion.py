"""Fusion beyond the suite: how one signs in, walks and conditions, children and hashes, batches, SOAP accounts, hours, costs, refusals."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from cryptography.x509.oid import NameOID

from connectors.checking import findings
from connectors.conformance import present, raises, read_all
from connectors.errors import ConfigurationError, CredentialsError, RateLimitedError, RejectedError, UnknownOutcomeError
from connectors.oracle_fusion import errors, query, records
from connectors.oracle_fusion.auth import thumbprint
from connectors.oracle_fusion.connector import FusionConnector
from connectors.oracle_fusion.simulator.server import ISSUER, PASSWORD, USER, Fusion
from connectors.port import Receipt, Write
from connectors.shipped import extended
from connectors.simulator.base import Fault
from connectors.simulator.store import Store
from connectors.wire import parse_json
from schema import CODE_SETS
from schema.code_maps import CodeMaps
from schema.mapping import Mapping
from schema.mapping_file import load_code_maps, load_mappings
from tests.connectors.vendors.oracle_fusion import FusionSubject, subject as fusion

COSTS = {"set": {"BusinessUnit": "DE Consulting", "TransactionSource": "HUB Time", "Document": "HUB Timecard", "DocumentEntry": "Labor",
                 "ProjectStandardCostCollectionFlexfields.0._EXPENDITURE_TYPE_ID_Display": "Professional"}}  # fmt: skip
TIME_CARDS: dict[str, Any] = {
    "resources": {"unprocessedProjectCosts": None, "timeRecords": {"optional": False}}, "time_attributes": {"ProjectId": "Project"},
}  # fmt: skip
LEDGER = {"resources": {"journals": {"optional": False, "segments": {"journalLines.AccountCombination": ["", "Account", "CostCentre"]}}}}


@pytest.fixture
async def pod() -> AsyncIterator[FusionSubject]:
    found = await fusion()
    yield found
    await found.close()


def server(pod: FusionSubject) -> Fusion:
    assert isinstance(pod.running, Fusion)
    return pod.running


def connected(pod: FusionSubject, **more: Any) -> FusionConnector:
    made = pod.connector(**more)
    assert isinstance(made, FusionConnector)
    return made


def with_own(pod: FusionSubject, own: dict[str, Any]) -> FusionConnector:
    """A connector by the shipped document with something of the firm's own laid over it."""
    base = {key: value for key, value in pod.document().items() if key in ("system", "base_url", "auth", "page_size", "currency")}
    made = pod._connected(extended({"extends": "oracle_fusion", **base, **own}))
    assert isinstance(made, FusionConnector)
    return made


def read_by(document: dict[str, Any]) -> tuple[list[Mapping], CodeMaps]:
    """The mappings and code maps of the shipped document with a firm's own laid over it."""
    whole = extended({"extends": "oracle_fusion", **document})
    codes = CodeMaps(load_code_maps(whole, system="erp"), lambda name, value: name in CODE_SETS and CODE_SETS[name].allows(value))
    return load_mappings(whole, system="erp"), codes


def create(object_: str, body: dict[str, Any], key: str = "key-1", **more: Any) -> Write:
    return Write(key, "create", object_, "", None, body, **more)


def the(pod: FusionSubject, object_: str, at: int = 0) -> Any:
    return list(pod.running.store.table(object_))[at]


# --- signing in ------------------------------------------------------------------------------------------------------


async def test_one_signs_in_by_an_assertion_that_is_the_bearer_itself(pod: FusionSubject) -> None:
    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, ISSUER)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(7)
        .not_valid_before(now).not_valid_after(now + timedelta(days=1)).sign(key, hashes.SHA256())
    )  # fmt: skip
    pem = certificate.public_bytes(Encoding.PEM).decode()
    server(pod).public_key = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    auth = {"issuer": ISSUER, "user": USER, "private_key": private, "certificate": pem}
    assert (await connected(pod, auth=auth).poll("accounts", "")).messages
    assert pod.running.requests["token"] == 0 and len(thumbprint(pem)) == 27
    await raises(CredentialsError, connected(pod, auth=auth | {"user": "nobody"}).poll("accounts", ""))
    await raises(ConfigurationError, connected(pod, auth=auth | {"private_key": "no key"}).poll("accounts", ""))
    with pytest.raises(ConfigurationError, match="expected a certificate in PEM form"):
        connected(pod, auth=auth | {"certificate": "none"})


async def test_one_signs_in_by_a_password_at_a_test_pod(pod: FusionSubject) -> None:
    assert (await connected(pod, auth={"user": USER, "password": PASSWORD}).poll("accounts", "")).messages
    await raises(CredentialsError, connected(pod, auth={"user": USER, "password": "wrong"}).poll("accounts", ""))


# --- reading -----------------------------------------------------------------------------------------------------------


async def test_changes_are_asked_for_and_only_the_next_days_listing_tells_what_is_gone(pod: FusionSubject) -> None:
    ids = await pod.enter(5)
    connector = connected(pod)
    _, checkpoint, _ = await read_all(connector, "accounts")
    for row in pod.running.store.table("accounts"):
        row.fields["LastUpdateDate"] = "2026-01-31T09:00:00.000+00:00"
    await pod.change(ids[1])
    pod.running.put("accounts", ids[2], {}, is_deleted=True)
    later, checkpoint, last = await read_all(connector, "accounts", checkpoint)
    assert [one.external_id for one in later] == [ids[1]] and not last.is_complete_listing
    pod.ahead_s = 86_400.0
    first = await connector.poll("accounts", checkpoint)
    assert (first.messages, first.checkpoint, first.has_more) == ((), "", True)
    listed, _, last = await read_all(connector, "accounts", "")
    assert last.is_complete_listing and present(listed) == await pod.ids()


@pytest.mark.parametrize("most", [1000, 7])
async def test_a_pod_that_cannot_be_asked_by_key_is_walked_by_what_it_returned(pod: FusionSubject, most: int) -> None:
    """A page may hold less than was asked for: the next begins behind what came."""
    server(pod).most = most
    server(pod).hidden |= {"accounts.PartyId"}
    await pod.enter(30)
    connector = connected(pod, page_size=20)
    first = await connector.poll("accounts", "")
    assert json.loads(first.checkpoint)["place"] == f"at:{min(most, 20)}"
    rest, _, last = await read_all(connector, "accounts", first.checkpoint)
    assert sorted(one.external_id for one in (*first.messages, *rest)) == sorted(await pod.ids()) and last.is_complete_listing


async def test_a_record_deleted_while_it_reads_hides_no_other(pod: FusionSubject) -> None:
    ids = await pod.enter(300)
    connector = connected(pod)
    first = await connector.poll("accounts", "")
    pod.running.put("accounts", ids[0], {}, is_deleted=True)
    rest, _, _ = await read_all(connector, "accounts", first.checkpoint)
    assert {one.external_id for one in (*first.messages, *rest)} >= await pod.ids()


async def test_what_may_not_be_asked_for_by_its_change_is_listed_now_and_then(pod: FusionSubject) -> None:
    server(pod).hidden |= {"accounts.LastUpdateDate"}
    connector = connected(pod)
    _, checkpoint, _ = await read_all(connector, "accounts")
    asked = pod.running.requests["list accounts"]
    page = await connector.poll("accounts", checkpoint)
    assert (page.messages, page.checkpoint, page.has_more, pod.running.requests["list accounts"]) == ((), checkpoint, False, asked)
    server(pod).hidden.clear()
    units, checkpoint, last = await read_all(connector, "finBusinessUnitsLOV")
    assert len(units) == 2 and last.is_complete_listing
    pod.ahead_s = 900.0
    assert (await connector.poll("finBusinessUnitsLOV", checkpoint)).checkpoint == ""


@pytest.mark.parametrize("framework", [2, 4, 6, 9])
async def test_a_record_reads_the_same_whichever_framework_shows_its_children(pod: FusionSubject, framework: int) -> None:
    project = the(pod, "projects")
    more = [{"TaskNumber": f"2.{n}", "TaskName": f"Task {n}"} for n in range(60)]
    pod.running.put("projects", project.id, {"Tasks": [*project.fields["Tasks"], *more]})
    tasks, _, _ = await read_all(connected(pod, framework=framework), "tasks")
    assert len([one for one in tasks if one.external_id.startswith(f"{project.id}|")]) == 62  # a pod gives 25 with their parent
    (message,) = [one for one in (await read_all(connected(pod, framework=framework), "accounts"))[0] if b"NORDLICHT" in one.body]
    record = parse_json(message.body)
    assert [row["PrimaryFlag"] for row in record["Address"]] == [True, False] and not {"links", "@context"} & set(record)
    assert await connected(pod, framework=framework).fetch("accounts", message.external_id) == message


async def test_a_waiting_cost_that_was_processed_is_not_told_as_deleted(pod: FusionSubject) -> None:
    connector = connected(pod)
    _, _, last = await read_all(connector, "unprocessedProjectCosts")
    assert not last.is_complete_listing
    server(pod).control_import({})
    assert (await read_all(connector, "unprocessedProjectCosts"))[0] == []
    costs, _, _ = await read_all(connector, "projectCosts")
    assert parse_json(costs[0].body)["Quantity"] == Decimal("7.5")


async def test_value_sets_are_read_where_the_firm_says_theirs(pod: FusionSubject) -> None:
    assert "ledgerAccounts" not in connected(pod).capabilities.resources
    connector = with_own(pod, {"resources": {"ledgerAccounts": {"value_set": "NB_ACCOUNT"}}})
    accounts, _, _ = await read_all(connector, "ledgerAccounts")
    assert [one.external_id for one in accounts] == ["40000", "12000", "22000"]


async def test_the_ledger_is_read_where_the_firm_asks_for_it_and_says_its_segments(pod: FusionSubject) -> None:
    assert "journals" not in connected(pod).capabilities.resources
    connector, (mappings, codes) = with_own(pod, LEDGER), read_by(LEDGER)
    journals, checkpoint, _ = await read_all(connector, "journals")
    assert len(journals) == 2 and " | " in journals[0].external_id
    assert (await connector.fetch("journals", journals[0].external_id)).body == journals[0].body  # type: ignore[union-attr]
    found = [[part for one in mappings if one.object == "journals" for part in one.read(parse_json(message.body), codes)] for message in journals]
    assert found[1] == [] and [part.entity for part in found[0]] == ["posting", *["posting_line"] * 3]
    assert found[0][2].values["account"]["id"] == "40000" and found[0][2].values["cost_centre"]["id"] == "100"
    assert found[0][2].values["credit"] == found[0][2].values["functional_credit"] == {"amount": "490.00", "currency": "EUR"}
    other = the(pod, "journalBatches", 1)
    pod.running.put("journalBatches", other.id, {"Status": "P", "StatusMeaning": "Posted"})
    changed = [parse_json(one.body) for one in (await connector.poll("journals", checkpoint)).messages]
    assert [one["Status"] for one in changed if one["JeBatchId"] == int(other.id)] == ["P"]


async def test_asked_too_often_it_waits_as_long_as_is_said(pod: FusionSubject) -> None:
    server(pod).says_how_long = True
    pod.running.faults.append(Fault("429", "accounts", "list", retry_after_s=7))
    error = await raises(RateLimitedError, connected(pod).poll("accounts", ""))
    assert error.retry_after_s == 7


# --- writing -----------------------------------------------------------------------------------------------------------


async def test_a_change_of_a_child_goes_with_its_record_or_not_at_all(pod: FusionSubject) -> None:
    (row,) = [one for one in pod.running.store.table("accounts") if one.fields["OrganizationName"].startswith("NORDLICHT")]
    connector = connected(pod)
    body = {"OrganizationName": "NORDLICHT SE", "Address": {"0": {"City": "Kiel", "PostalCode": "24103"}}}
    await connector.write(Write("key-2", "update", "accounts", "client", row.id, body))
    now = pod.running.store.rows["accounts"][row.id].fields
    assert (now["OrganizationName"], [one["City"] for one in now["Address"]]) == ("NORDLICHT SE", ["Hamburg", "Kiel"])
    assert pod.running.requests["create batch"] == 1
    wrong = {"OrganizationName": "NORDLICHT AG", "Address": {"0": {"Country": "Germany"}}}
    error = await raises(RejectedError, connector.write(Write("key-3", "update", "accounts", "client", row.id, wrong)))
    assert (error.field, error.code) == ("Country", "JBO-27023")
    assert pod.running.store.rows["accounts"][row.id].fields["OrganizationName"] == "NORDLICHT SE"


async def test_a_batch_that_is_refused_is_told_apart_and_the_rest_is_sent_again(pod: FusionSubject) -> None:
    connector = connected(pod)
    kept = await connector.write(create("accounts", {"OrganizationName": "Already there"}, "key-4"))
    bodies: list[dict[str, Any]] = [{"OrganizationName": f"Firm {n}"} for n in range(10)]
    bodies[2], bodies[5] = {"OrganizationName": "x", "Type": "SHOE"}, {"OrganizationName": None}
    before = pod.running.requests["create batch"]
    answers = await connector.write_many([create("accounts", body, f"key-{n}") for n, body in enumerate(bodies)])
    assert {n: (one.code, one.field) for n, one in enumerate(answers) if isinstance(one, RejectedError)} == {2: ("JBO-27024", "Type"), 5: ("JBO-27014", "OrganizationName")}
    adopted = answers[4]
    assert isinstance(adopted, Receipt) and (adopted.external_id, adopted.was_adopted) == (kept.external_id, True)
    assert pod.running.requests["create batch"] - before == 3 and pod.running.store.creates["key-9"] == 1
    server(pod).unbatched.add("accounts")
    again = await connector.write_many([create("accounts", {"OrganizationName": f"Later {n}"}, f"later-{n}") for n in range(3)])
    assert all(isinstance(one, Receipt) for one in again) and connector.unbatched == {"accounts"}


async def test_a_lost_answer_to_a_batch_leaves_every_record_open_and_each_is_found(pod: FusionSubject) -> None:
    connector = connected(pod)
    pod.running.faults.append(Fault("lose_answer", "batch", "create"))
    writes = [create("accounts", {"OrganizationName": f"Firm {n}"}, f"key-{n}") for n in range(4)]
    answers = await connector.write_many(writes)
    assert [type(one).__name__ for one in answers] == ["UnknownOutcomeError"] * 4
    assert all([await connector.look_up(one) for one in writes])


@pytest.mark.parametrize("is_flat", [False, True])
async def test_our_reference_is_found_wherever_the_pod_shows_it(pod: FusionSubject, is_flat: bool) -> None:
    server(pod).pod.flat_references = is_flat
    connector = connected(pod)
    made = await connector.write(create("accounts", {"OrganizationName": "Kestrel & Söhne"}, "key-5"))
    found = await connector.look_up(create("accounts", {}, "key-5"))
    assert found is not None and found.external_id == made.external_id
    assert await connector.look_up(create("accounts", {}, "key-6")) is None


async def test_a_natural_key_with_a_quote_is_compared_in_the_answer(pod: FusionSubject) -> None:
    pod.running.put("accounts", None, {"OrganizationName": "O'Hara Ltd", "Address": [{"Country": "IE"}]})
    connector = connected(pod)
    found = await connector.look_up(create("accounts", {}, "", natural_key={"OrganizationName": "O'Hara Ltd", "Address.0.Country": "IE"}))
    assert found is not None
    await raises(RejectedError, connector.look_up(create("accounts", {}, "", natural_key={"OrganizationName": "O'Hara Ltd"})))


async def test_two_that_may_be_ours_are_for_a_person_to_choose(pod: FusionSubject) -> None:
    for _ in range(2):
        pod.running.put("accounts", None, {"OrganizationName": "Twin", "Address": [{"Country": "DE"}]})
    error = await raises(RejectedError, connected(pod).look_up(create("accounts", {}, "", natural_key={"OrganizationName": "Twin"})))
    assert error.cause == "duplicate"


async def test_a_pod_without_a_place_for_our_key_is_looked_up_by_the_natural_one(pod: FusionSubject) -> None:
    wanted = create("projects", {"ProjectNumber": "Q-2", "ProjectName": "Quite another"}, str(uuid4()), natural_key={"ProjectNumber": "Q-2"})
    server(pod).pod.absent |= {"projects.SourceProjectReference", "projects.SourceApplicationCode"}
    connector = connected(pod)
    pod.running.faults.append(Fault("lose_answer", "projects", "create"))
    await raises(UnknownOutcomeError, connector.write(wanted))
    found = await connector.look_up(wanted)
    assert found is not None and pod.running.store.rows["projects"][found.external_id].fields["ProjectName"] == "Quite another"
    error = await raises(RejectedError, connector.write(wanted))
    assert (error.cause, error.field) == ("duplicate", "ProjectNumber")


async def test_a_task_is_made_below_its_project_and_changed_at_its_own_address(pod: FusionSubject) -> None:
    project = the(pod, "projects")
    connector = connected(pod)
    receipt = await connector.write(create("tasks", {"ProjectId": project.id, "TaskName": "Go-live", "TaskNumber": "9", "BillableFlag": True}))
    task = pod.running.store.rows["projects"][project.id].fields["Tasks"][-1]
    assert receipt.external_id == f"{project.id}|{task['TaskId']}" and task["TaskName"] == "Go-live"
    await connector.write(Write("key-7", "update", "tasks", "task", receipt.external_id, {"TaskName": "Cut-over"}))
    assert pod.running.store.rows["projects"][project.id].fields["Tasks"][-1]["TaskName"] == "Cut-over"
    found = await connector.look_up(create("tasks", {}, "", natural_key={"ProjectId": project.id, "TaskNumber": "9"}))
    assert found is not None and found.external_id == receipt.external_id


async def test_hours_become_costs_told_by_the_numbers_people_know(pod: FusionSubject) -> None:
    project, person = the(pod, "projects"), the(pod, "workers")
    task = project.fields["Tasks"][1]
    connector = with_own(pod, {"resources": {"unprocessedProjectCosts": COSTS}})
    body = {
        "PersonId": person.id, "ProjectId": project.id, "TaskKey": f"{project.id}|{task['TaskId']}", "Quantity": Decimal("3.5"), "Comment": "Workshop",
        "ProjectStandardCostCollectionFlexfields": {"0": {"_EXPENDITURE_ITEM_DATE": "2026-05-06"}},
    }  # fmt: skip
    key = str(uuid4())
    receipt = await connector.write(create("unprocessedProjectCosts", body, key))
    kept = pod.running.store.rows["unprocessedProjectCosts"][receipt.external_id].fields
    (flex,) = kept["ProjectStandardCostCollectionFlexfields"]
    assert {name: kept[name] for name in ("ExpenditureBatch", "PersonNumber", "Quantity", "UnitOfMeasureCode", "TransactionSource", "StatusCode")} == {
        "ExpenditureBatch": "HUB-2026-05-06", "PersonNumber": person.fields["PersonNumber"], "Quantity": Decimal("3.5"), "UnitOfMeasureCode": "HOURS",
        "TransactionSource": "HUB Time", "StatusCode": "P",
    }  # fmt: skip
    assert (flex["_PROJECT_ID_Display"], flex["_TASK_ID_Display"], flex["_EXPENDITURE_TYPE_ID_Display"]) == (project.fields["ProjectNumber"], "1.1", "Professional")
    again = await connector.write(create("unprocessedProjectCosts", body, key))
    assert again.was_adopted and again.external_id == receipt.external_id
    closed = {**body, "ProjectStandardCostCollectionFlexfields": {"0": {"_EXPENDITURE_ITEM_DATE": "2025-12-31"}}}
    error = await raises(RejectedError, connector.write(create("unprocessedProjectCosts", closed, str(uuid4()))))
    assert (error.cause, error.field) == ("closed_period", "ProjectStandardCostCollectionFlexfields.0._EXPENDITURE_ITEM_DATE") and "Open the period" in error.remedy


@pytest.mark.parametrize("is_processed", [False, True])
async def test_hours_are_taken_back_by_a_delete_or_once_processed_by_an_adjustment(pod: FusionSubject, is_processed: bool) -> None:
    waiting = the(pod, "unprocessedProjectCosts").id
    if is_processed:
        server(pod).control_import({})
    connector = connected(pod)
    await connector.write(Write("key-8", "deactivate", "unprocessedProjectCosts", "time_entry", waiting, {}))
    assert [row.id for row in pod.running.store.table("unprocessedProjectCosts")] == []
    assert [row.fields["Quantity"] for row in pod.running.store.table("projectCosts")] == ([Decimal("7.5"), Decimal("-7.5")] if is_processed else [])


async def test_hours_become_time_cards_where_a_firm_has_them(pod: FusionSubject) -> None:
    project, person = the(pod, "projects"), the(pod, "workers")
    connector = with_own(pod, TIME_CARDS)
    body = {"personId": person.id, "day": "2026-05-06", "ProjectId": project.id, "measure": Decimal("3.5"), "comment": "Workshop"}
    receipt = await connector.write(create("timeRecords", body, "key-9"))
    (message,) = (await read_all(connector, "timeRecords"))[0]
    record = parse_json(message.body)
    assert message.external_id == receipt.external_id and {name: record[name] for name in body} == {**body, "personId": int(person.id)}
    assert (await connector.look_up(create("timeRecords", body, "key-9", natural_key=body))).external_id == receipt.external_id  # type: ignore[union-attr]
    await connector.write(Write("key-10", "update", "timeRecords", "time_entry", receipt.external_id, {"measure": Decimal(4)}, message.version))
    assert the(pod, "timeRecords").fields["measure"] == Decimal(4) and the(pod, "timeRecords").fields["timeRecordVersion"] == 2
    stale = Write("key-11", "update", "timeRecords", "time_entry", receipt.external_id, {"measure": Decimal(5)}, message.version)
    assert (await raises(RejectedError, connector.write(stale))).cause == "conflict"
    await connector.write(Write("key-12", "deactivate", "timeRecords", "time_entry", receipt.external_id, {}))
    assert await connector.fetch("timeRecords", receipt.external_id) is None


async def test_an_account_is_made_by_soap_with_its_profile_and_only_once(pod: FusionSubject) -> None:
    party = pod.running.put("accounts", None, {"OrganizationName": "New debtor"}).id
    connector = connected(pod)
    body = {"PartyId": party, "AccountName": "New debtor & Co", "Profile": {"PaymentTerms": "30 Net", "CreditLimit": "25000.00", "CreditCurrencyCode": "EUR"}}
    key = str(uuid4())
    receipt = await connector.write(create("customerAccounts", body, key))
    found = await connector.fetch("customerAccounts", receipt.external_id)
    assert found is not None
    record = parse_json(found.body)
    assert (record["AccountName"], record["Profile"]["CreditLimit"], record["Profile"]["ProfileClassName"], record["HubKey"]) == ("New debtor & Co", "25000.00", "DEFAULT", key)
    again = await connector.write(create("customerAccounts", body, key))
    assert (again.external_id, again.was_adopted, pod.running.store.creates[key]) == (receipt.external_id, True, 1)
    await connector.write(Write("key-13", "update", "customerAccounts", "billing_account", receipt.external_id, {"Profile": {"CreditHold": "Y"}}, found.version))
    assert the(pod, "customerProfiles", -1).fields["CreditHold"] == "Y" and the(pod, "customerProfiles", -1).fields["PaymentTerms"] == "30 Net"


async def test_a_fault_is_a_refusal_that_names_its_attribute_though_it_is_answered_as_a_server_error(pod: FusionSubject) -> None:
    connector = connected(pod)
    error = await raises(RejectedError, connector.write(create("customerAccounts", {"PartyId": "1", "AccountName": "x"})))
    assert (error.code, error.cause, error.field) == ("HZ-120360", "reference", "PartyId")
    party = the(pod, "accounts", -1).id
    terms = {"PartyId": party, "AccountName": "x", "Profile": {"PaymentTerms": "90 Net"}}
    error = await raises(RejectedError, connector.write(create("customerAccounts", terms, "key-14")))
    assert (error.field, pod.running.store.creates["key-14"]) == ("PaymentTerms", 1)
    # the account stands; mended, the same create goes on with its profile
    done = await connector.write(create("customerAccounts", {**terms, "Profile": {"PaymentTerms": "60 Net"}}, "key-14"))
    assert done.was_adopted and pod.running.store.creates["key-14"] == 1 and the(pod, "customerProfiles", -1).fields["PaymentTerms"] == "60 Net"


async def test_a_lost_answer_of_a_service_leaves_open_what_it_made(pod: FusionSubject) -> None:
    wanted = create("customerAccounts", {"PartyId": the(pod, "accounts").id, "AccountName": "Lost"}, "key-15")
    pod.running.faults.append(Fault("lose_answer", "customerAccounts", "create"))
    connector = connected(pod)
    await raises(UnknownOutcomeError, connector.write(wanted))
    found = await connector.look_up(wanted)
    assert found is not None and found.was_adopted


@pytest.mark.parametrize("takes_signs", [True, False])
async def test_changed_accounts_are_asked_for_in_the_words_the_pod_takes(pod: FusionSubject, takes_signs: bool) -> None:
    server(pod).soap.takes_signs = takes_signs
    connector = connected(pod)
    _, checkpoint, _ = await read_all(connector, "customerAccounts")
    for row in pod.running.store.table("customerAccounts"):
        row.fields["LastUpdateDate"] = "2026-01-31T09:00:00.000+00:00"
    pod.running.put("customerAccounts", the(pod, "customerAccounts").id, {"AccountName": "Changed"})
    later, _, _ = await read_all(connector, "customerAccounts", checkpoint)
    assert [parse_json(one.body)["AccountName"] for one in later] == ["Changed"]


async def test_an_invoice_is_made_whole_and_then_changes_only_where_fusion_lets_it(pod: FusionSubject) -> None:
    account = the(pod, "customerAccounts").id
    connector = with_own(pod, {"resources": {"receivablesInvoices": {"set": {"receivablesInvoiceLines.0.TaxClassificationCode": "DE19"}}}})
    body = {
        "TransactionNumber": "INV-2041", "TransactionDate": "2026-05-29", "DueDate": "2026-06-28", "BusinessUnit": "DE Consulting", "BillToCustomerNumber": account,
        "PaymentTerms": "30 Net", "InvoiceCurrencyCode": "EUR", "NetAmount": Decimal("490.00"),
    }  # fmt: skip
    key = str(uuid4())
    receipt = await connector.write(create("receivablesInvoices", body, key))
    found = await connector.fetch("receivablesInvoices", receipt.external_id)
    assert found is not None
    record = parse_json(found.body)
    assert {name: record[name] for name in ("NetAmount", "TaxAmount", "EnteredAmount", "AccountingDate", "CrossReference", "HubKey")} == {
        "NetAmount": Decimal(490), "TaxAmount": Decimal("93.10"), "EnteredAmount": Decimal("583.1"), "AccountingDate": "2026-05-29", "CrossReference": key, "HubKey": key,
    }  # fmt: skip
    assert (await connector.write(create("receivablesInvoices", body, key))).was_adopted
    error = await raises(RejectedError, connector.write(create("receivablesInvoices", body, str(uuid4()))))
    assert (error.cause, error.code, error.field) == ("duplicate", "AR-855040", "TransactionNumber")
    await connector.write(Write("key-16", "update", "receivablesInvoices", "invoice", receipt.external_id, {"PaymentTerms": "60 Net"}))
    error = await raises(RejectedError, connector.write(Write("key-17", "update", "receivablesInvoices", "invoice", receipt.external_id, {"NetAmount": Decimal(1)})))
    assert error.cause == "lock" and pod.running.requests["update receivablesInvoices"] == 1
    nobody = {key: value for key, value in body.items() if key not in ("BillToCustomerNumber", "TransactionNumber")}
    error = await raises(RejectedError, connector.write(create("receivablesInvoices", nobody, str(uuid4()))))
    assert (error.code, error.cause, error.field) == ("AR-856520", "reference", "BillToCustomerNumber")
    closed = {**body, "TransactionNumber": "INV-1", "TransactionDate": "2025-12-31"}
    assert (await raises(RejectedError, connector.write(create("receivablesInvoices", closed, str(uuid4()))))).cause == "closed_period"


async def test_an_update_is_locked_by_what_was_read(pod: FusionSubject, monkeypatch: pytest.MonkeyPatch) -> None:
    (id,) = await pod.enter(1)
    connector = connected(pod)
    version = await pod.version_of(id)
    raw = connector.raw

    async def changed_right_after(*args: Any) -> Any:
        found = await raw(*args)
        await pod.change(id)
        return found

    monkeypatch.setattr(connector, "raw", changed_right_after)
    error = await raises(RejectedError, connector.write(Write("key-18", "update", "accounts", "client", id, {"OrganizationName": "Ours"}, version)))
    assert (error.cause, error.status) == ("conflict", 412)


# --- mapping -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("object_", ["accounts", "contacts", "contracts", "projects", "expenseReports", "expenses", "projectBillingEvents"])
async def test_what_is_written_reads_back_as_the_same_record(pod: FusionSubject, object_: str) -> None:
    """canonical → raw → Fusion → raw → canonical: every field a mapping writes comes back as it was."""
    document = extended({"extends": "oracle_fusion", "system": "erp"})
    codes = CodeMaps(load_code_maps(document, system="erp"), lambda name, value: name in CODE_SETS and CODE_SETS[name].allows(value))
    (mapping,) = [one for one in load_mappings(document, system="erp") if one.object == object_ and one.fields_out]
    connector = connected(pod)
    messages, _, _ = await read_all(connector, object_)
    (read,) = mapping.read(parse_json(messages[0].body), codes)
    values = {name: value for name, value in read.values.items() if name in mapping.fields_out and value is not None}
    values |= {name: "Q-1" for name in ("name", "code", "contract_no", "number", "family_name", "merchant") if name in values}
    body = mapping.write(values, codes, is_new=True) | ({"ContractNumber": "C-100"} if object_ == "projectBillingEvents" else {})
    receipt = await connector.write(create(object_, body, str(uuid4())))
    found = await connector.fetch(object_, receipt.external_id)
    assert found is not None and found.version == receipt.version
    (again,) = mapping.read(parse_json(found.body), codes)
    assert {name: again.values[name] for name in values} == values and again.problems == []
    fresh = Write("", "update", object_, mapping.entity, receipt.external_id, mapping.write(values, codes))
    assert await connector.look_up(fresh) is not None


async def test_a_pod_is_found_usable_as_the_shipped_document_says(pod: FusionSubject) -> None:
    document = pod.document()
    codes = CodeMaps(load_code_maps(document, system="erp"), lambda name, value: name in CODE_SETS and CODE_SETS[name].allows(value))
    found = [one async for one in findings(connected(pod), load_mappings(document, system="erp"), codes)]
    assert [one for one in found if one.state == "bad"] == []
    looks = {one.about for one in found if one.state == "look" and not one.about.startswith("find ")}
    assert looks == {"read projectCosts", "map receivablesInvoices"}  # none yet; a tax code is the firm's to map


async def test_a_pod_that_starts_again_has_what_it_had_and_gives_no_id_twice(tmp_path: Path) -> None:
    first: Fusion = await Fusion(Store(tmp_path / "journal")).start()
    made = first.put("accounts", None, {"OrganizationName": "Before"}).id
    kept = {name: set(rows) for name, rows in first.store.rows.items()}
    await first.stop()
    second: Fusion = await Fusion(Store(tmp_path / "journal")).start()
    assert {name: set(rows) for name, rows in second.store.rows.items()} == kept
    assert int(second.put("accounts", None, {"OrganizationName": "After"}).id) > int(made)
    await second.stop()


# --- pieces ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({"o:errorDetails": [{"detail": "Failed (AR-855322)", "o:errorPath": "/a/0/b"}]}, ("AR-855322", "Failed (AR-855322)", "a.0.b")),
        ({"title": "x", "o:errorDetails": [{"detail": "y", "o:errorCode": "27024"}]}, ("JBO-27024", "y", "")),
        ({"o:errorCode": "JBO-25014", "title": "Another user has changed the row"}, ("JBO-25014", "Another user has changed the row", "")),
        ({"title": "You must enter a bill-to customer name. (AR-856520)"}, ("AR-856520", "You must enter a bill-to customer name. (AR-856520)", "")),
        ({"title": "Bad Request", "status": "400"}, ("", "Bad Request", "")),
    ],
)  # fmt: skip
def test_errors_are_read_from_their_details_from_the_top_or_from_the_text(told: dict[str, Any], expected: tuple[str, str, str]) -> None:
    assert errors.parts(told) == expected


async def test_an_error_without_structure_is_understood_too(pod: FusionSubject, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.oracle_fusion.reading.ACCEPT", "application/json")
    connector = connected(pod)
    error = await raises(RejectedError, connector.write(create("accounts", {"OrganizationName": "x", "SourceSystemReference": {"0": {"SourceSystem": "WHO"}}})))
    assert error.code == "HZ-120559" and "Register the source system" in error.remedy


def test_amounts_are_exact_and_a_line_without_its_amount_is_multiplied_at_the_currencys_scale() -> None:
    from connectors.oracle_fusion.config import FusionObject

    one = FusionObject(
        "i", "fscmRestApi/i", ("Id",), "Id", currency="Cur", products={"lines.Amount": ("Quantity", "Price")}, sums={"Net": "lines.Amount"},
    )  # fmt: skip
    raw = {"Cur": "EUR", "lines": {"items": [{"Quantity": Decimal("7.3333"), "Price": 150}, {"Amount": Decimal("0.10")}], "hasMore": False}}
    assert records.plain(one, raw)["Net"] == Decimal("1100.10")
    assert records.plain(one, {**raw, "Cur": "JPY"})["Net"] == Decimal("1100.10")


def test_nothing_of_a_value_becomes_part_of_a_condition() -> None:
    assert query.alike({"A": "x' or 'a'='a", "B": "x;y", "C": "fine"}) == ["C = 'fine'"]
    with pytest.raises(ValueError, match="no attribute"):
        query.alike({"A = 1 or B": "x"})


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"framework": 1}, "framework: expected a version of the REST framework from 2 to 9"),
        ({"page_size": 501}, "page_size: expected a number from 1 to 500, got 501"),
        ({"batch": 0}, "batch: expected a number from 1 to 100, got 0"),
        ({"resources": {"a": {"path": "fscmRestApi/a", "order": "Id; DROP"}}}, "'Id; DROP' is no attribute of Fusion"),
        ({"resources": {"a": {"path": "https://x.example/a", "order": "Id"}}}, "path: expected an API and a resource"),
        ({"shoes": 1}, "shoes: unknown key"),
    ],
)  # fmt: skip
async def test_a_mistake_in_a_document_is_told(pod: FusionSubject, said: dict[str, Any], expected: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        connected(pod, **said)
    assert expected in str(refused.value)


async def test_a_token_is_asked_for_once_by_many_and_renewed_before_it_ends(pod: FusionSubject) -> None:
    import asyncio

    connector = connected(pod)
    await asyncio.gather(*(connector.poll("accounts", "") for _ in range(5)))
    assert pod.running.requests["token"] == 1
    server(pod).tokens = dict.fromkeys(server(pod).tokens, time.time() - 1)
    await connector.poll("accounts", "")
    assert pod.running.requests["token"] == 2
