"""Which model judges likeness, with which thresholds: trained versions are kept, one per entity is in force.

Who may change it is a matter of two teams (``use_match_model``, ``set_matching`` among the operations); what it would change is
a plan. A change touches no record by itself: the next records are judged by it, and the nightly re-evaluation looks again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hub.core.configuration import MATCH_MODES, Configuration
from hub.core.match import NORMAL_VERSION, SITUATION_BITS, Model, spec_of
from hub.errors import RequestError
from hub.flows.canonical import known_entity
from hub.store import configuration, likeness
from hub.store.statements import Connection

SITUATIONS = (*SITUATION_BITS, "any")
MOST_BITS = 200.0


@dataclass(frozen=True, slots=True)
class Matching:
    """A tenant's own say about one entity: mode, and per situation the bits where the automatic and the review zone begin."""

    mode: str | None = None
    thresholds: Mapping[str, Mapping[str, float]] | None = None

    def to_json(self) -> dict[str, Any]:
        told: dict[str, Any] = {}
        if self.mode:
            told["mode"] = self.mode
        if self.thresholds:
            told["thresholds"] = {situation: dict(one) for situation, one in self.thresholds.items()}
        return told


async def store(tx: Connection, tenant_id: int, model: Model, report: Mapping[str, Any], actor: str) -> int:
    """Keep a trained model as the next version of its entity; answers the version. It judges nothing yet."""
    return await likeness.put_model(tx, tenant_id, model.entity, model.to_json(), report, actor)


async def use(tx: Connection, config: Configuration, entity: str, version: int, actor: str) -> dict[str, Any]:
    """Let a version judge from now on; answers the versions before and after. Version 0 goes back to the untrained model."""
    meta = known_entity(entity)
    if spec_of(meta) is None:
        raise RequestError("NOT_COMPARED", f"{entity} is never compared", field="entity", remedy="Choose an entity that declares what is compared.")
    before = config.models[entity].version if entity in config.models else 0
    if version:
        found = await likeness.model(tx, config.tenant_id, entity, version)
        if found is None:
            raise RequestError("NOT_FOUND", f"there is no model {version} of {entity}", field="version", remedy="List the entity's models.")
        if found["document"]["normal_version"] != NORMAL_VERSION:
            raise RequestError(
                "OUTDATED", f"model {version} of {entity} was trained on another normal form", field="version", remedy="Train it anew: hub match train."
            )
        await likeness.put_in_force(tx, config.tenant_id, entity, version, actor)
    else:
        await likeness.retire(tx, config.tenant_id, entity)
    await configuration.bump(tx, config.tenant_id)
    return {"entity": entity, "before": before, "after": version}


async def set_matching(tx: Connection, config: Configuration, entity: str, told: Matching) -> dict[str, Any]:
    """Change an entity's mode and thresholds; answers what was said before and after. Raises for what cannot be meant."""
    check(entity, told)
    all_ = config.settings.get("matching")
    before = dict(all_) if isinstance(all_, Mapping) else {}
    after = {**before, entity: told.to_json()}
    await configuration.put_setting(tx, config.tenant_id, "matching", after)
    return {"entity": entity, "before": before.get(entity, {}), "after": after[entity]}


def check(entity: str, told: Matching | None) -> None:
    """Raise for what cannot be meant."""
    if spec_of(known_entity(entity)) is None:
        raise RequestError("NOT_COMPARED", f"{entity} is never compared", field="entity", remedy="Choose an entity that declares what is compared.")
    if told is None:
        return
    if told.mode is not None and told.mode not in MATCH_MODES:
        raise RequestError("INVALID_VALUE", f"there is no mode {told.mode!r}", field="mode", remedy="Choose one of: " + ", ".join(MATCH_MODES))
    for situation, one in (told.thresholds or {}).items():
        _check(situation, one)


def _check(situation: str, one: Mapping[str, float]) -> None:
    if situation not in SITUATIONS:
        raise RequestError("INVALID_VALUE", f"there is no situation {situation!r}", field="situation", remedy="Choose one of: " + ", ".join(SITUATIONS))
    auto, review = one.get("auto"), one.get("review")
    if any(bits is not None and abs(bits) > MOST_BITS for bits in (auto, review)):
        raise RequestError("INVALID_VALUE", f"a threshold is between -{MOST_BITS:.0f} and {MOST_BITS:.0f} bits", field="auto", remedy="Look at the sweep.")
    if auto is not None and review is not None and review > auto:
        raise RequestError("INVALID_VALUE", "the review zone begins below the automatic one", field="review", remedy="Send review <= auto.")
