"""The whole model passes through the core: every entity can be read, folded, held, survived, keyed and written."""

from __future__ import annotations

import random
from typing import Any

import pytest

from hub.core.fold import fold
from hub.core.locks import hold
from hub.core.matching import match_keys
from hub.core.normalize import normal_values
from hub.core.policy import Policy
from hub.core.records import Contribution, Reading, SourceKey
from hub.core.routing import golden_since, write_for
from hub.core.survivorship import survive
from schema import ENTITIES
from schema.kinds import FieldKind
from schema.language import EntityMeta, Field
from schema.systems import SystemKind
from tests.core.build import GOLDEN, NOON, PARENT_ID, a_reading, resolve

SAMPLES: dict[FieldKind, Any] = {
    FieldKind.TEXT: "a text", FieldKind.IDENTIFIER: "4711", FieldKind.EMAIL: "jo@acme.example", FieldKind.PHONE: "+4930123456",
    FieldKind.DOMAIN: "acme.example", FieldKind.COUNTRY: "DE", FieldKind.LANGUAGE: "de", FieldKind.TIMEZONE: "Europe/Berlin",
    FieldKind.CODE: "some_code", FieldKind.BOOLEAN: False, FieldKind.INTEGER: 0, FieldKind.DATE: "2026-05-17",
    FieldKind.INSTANT: "2026-05-17T08:11:52.000000Z", FieldKind.PERCENT: "12.5", FieldKind.REFERENCE: {"id": PARENT_ID},
    FieldKind.QUANTITY: {"value": "7.5", "unit": "hour"}, FieldKind.MONEY: {"amount": "0.00", "currency": "EUR"},
    FieldKind.PRICE: {"amount": "95", "currency": "EUR", "per": "hour"},
}  # fmt: skip


def a_sample(field: Field[Any]) -> Any:
    if field.kind is not FieldKind.LISTING:
        return SAMPLES[field.kind]
    if field.items:
        return [{name: SAMPLES[kind] for name, kind in field.items.items()}]
    return [{"id": PARENT_ID} if field.target else "item"]


def shown(field: Field[Any], value: Any) -> Any:
    """A sample as the golden record shows it: references as the id they resolve to."""
    if field.kind is FieldKind.REFERENCE:
        return value["id"]
    if field.kind is FieldKind.LISTING and field.target:
        return [item["id"] for item in value]
    if field.kind is FieldKind.LISTING and field.items:
        refs = [name for name, kind in field.items.items() if kind is FieldKind.REFERENCE]
        return [{**item, **{name: item[name]["id"] for name in refs}} for item in value]
    return value


def a_full_contribution(meta: EntityMeta, kind: SystemKind, id: int) -> Contribution:
    values, problems = normal_values(meta, {name: a_sample(field) for name, field in meta.fields.items()})
    assert problems == ()
    told = a_reading(values)
    key = SourceKey(kind.value, "thing", "1", meta.name)
    contribution = fold(None, Reading(key, values, told.order, 1, told.received_at), kind).contribution
    contribution.id = id
    return contribution


def kinds_of(meta: EntityMeta) -> list[SystemKind]:
    spoken = {kind for field in meta.fields.values() for kind in field.owner}
    return sorted(spoken | set(meta.origins))


@pytest.mark.parametrize("meta", ENTITIES.values(), ids=lambda meta: meta.name)
def test_a_record_everybody_fills_is_born_whole_and_is_what_every_target_already_says(meta: EntityMeta) -> None:
    contributions = [a_full_contribution(meta, kind, at) for at, kind in enumerate(kinds_of(meta), 1)]
    golden = survive(meta, GOLDEN, contributions, (), Policy(), NOON, resolve)
    assert golden.is_born
    assert golden.values == {name: shown(field, a_sample(field)) for name, field in meta.fields.items()}
    assert (golden.conflicts, golden.missing, golden.awaited) == ((), (), ())
    assert golden.lineage.keys() == meta.fields.keys()
    assert match_keys(meta, golden.values) == match_keys(meta, golden.values)
    for one in contributions:
        held, conflicts = hold(meta, one, one, golden.values, resolve=resolve)
        assert (held, conflicts) == (one, ())
    since = golden_since(golden, contributions)
    scalar = [name for name, field in meta.fields.items() if field.kind not in (FieldKind.LISTING,)]
    plan = write_for(meta, golden, since, contributions[0], contributions[0].kind, scalar, lambda golden_id, entity: golden_id)
    assert plan.op == "skip"


@pytest.mark.parametrize("meta", [meta for meta in ENTITIES.values() if meta.key], ids=lambda meta: meta.name)
def test_a_record_with_its_whole_business_key_can_be_found_by_it(meta: EntityMeta) -> None:
    values = {name: shown(field, a_sample(field)) for name, field in meta.fields.items()}
    assert any(key.startswith("key:") for key in match_keys(meta, values))


@pytest.mark.parametrize("meta", ENTITIES.values(), ids=lambda meta: meta.name)
def test_a_second_source_that_says_nothing_changes_nothing(meta: EntityMeta) -> None:
    """A lone source is decided on a quick way; beside a silent one the long way must come to the same."""
    for number, kind in enumerate((*kinds_of(meta), *SystemKind)):
        full = a_full_contribution(meta, kind, 7)
        rare = random.Random(number)
        full.values = {name: None if rare.random() < 0.2 else value for name, value in full.values.items() if rare.random() < 0.7}
        silent = Contribution(SourceKey("silent", "thing", "2", meta.name), kind, id=9, state="present", scope_rank=1)
        lone = survive(meta, GOLDEN, [full], (), Policy(), NOON, resolve)
        assert survive(meta, GOLDEN, [full, silent], (), Policy(), NOON, resolve) == lone
