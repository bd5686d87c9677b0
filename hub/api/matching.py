"""Likeness in GraphQL: what a record may be the same as and why, the models that judge it, and how well they did."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import asyncpg
import strawberry
from strawberry.types.field import StrawberryField

from hub.api.approval_types import Proposal
from hub.api.common import GoldenRecord
from hub.api.context import Context
from hub.api.decisions import ADMINS, STEWARDS, decide, entity_of, golden_id, submitted
from hub.api.errors import ApiError, Code
from hub.api.mutation import Payload, ProblemOut
from hub.api.plan_mutations import plan_and_apply
from hub.api.scalars import DateTime, Json, Long
from hub.api.shells import resolved_field
from hub.core import match
from hub.core.configuration import Configuration
from hub.core.match import LevelWeight, Model, Scored
from hub.core.match.model import ALTERNATIVES
from hub.core.normalize import normal_values
from hub.flows import explain, plans, references
from hub.flows.explain import Likely, Pair
from hub.flows.match_models import Matching
from hub.store import likeness
from hub.store.likeness import Found
from hub.store.statements import Connection
from schema.language import EntityMeta

MOST = 50


@strawberry.type(description="What one comparison said of a pair, and what that was worth.")
class MatchPart:
    comparison: str = strawberry.field(description="What was compared: a field, or fields that are compared as one.")
    level: str = strawberry.field(description="How far they agree.")
    weight: float = strawberry.field(description="Bits for (above zero) or against being the same.")
    a: str = strawberry.field(description="What the one says, in normal form.")
    b: str = strawberry.field(description="What the other says.")


@strawberry.type(description="A reason why a pair is never linked without a person, however alike it is.")
class MatchGuard:
    kind: str = strawberry.field(description="distinguishing, identifiers, legal_form, generation, birth_date, given_name, country …")
    reason: str


@strawberry.type(description="How alike two source records are.")
class MatchScore:
    weight: float = strawberry.field(description="Bits, prior included; 0 is even odds, each bit doubles them.")
    probability: float = strawberry.field(description="That they are one, as the model estimates it.")
    parts: list[MatchPart] = strawberry.field(description="What each comparison said; the parts add up to the weight.")
    guards: list[MatchGuard] = strawberry.field(description="What keeps them from linking without a person.")


@strawberry.type(description="A golden record that may be the same, by its source record that is likest.")
class MatchCandidate:
    record: GoldenRecord | None
    source_id: Long = strawberry.field(description="Its source record that is likest.")
    system: str
    zone: str = strawberry.field(description="match, possible_match or no_match: what would become of a new record like this.")
    score: MatchScore = strawberry.field(description="How alike they are, and why.")


@strawberry.type(description="A source record of a cluster.")
class MatchedSource:
    source_id: Long = strawberry.field(description="Id of the source record.")
    system: str
    record_id: strawberry.ID = strawberry.field(description="Golden id of the record it belongs to.")


@strawberry.type(description="Two source records and how alike they are: a cell of the score matrix.")
class MatchPair:
    a: MatchedSource = strawberry.field(description="The one.")
    b: MatchedSource = strawberry.field(description="The other.")
    score: MatchScore = strawberry.field(description="How alike they are, and why.")


@strawberry.type(description="What one level of agreement is worth: a bar of the weight chart.")
class MatchLevel:
    comparison: str = strawberry.field(description="What is compared.")
    level: str = strawberry.field(description="How far they agree.")
    share: float = strawberry.field(description="How often records of one thing agree to this level.")
    weight: float = strawberry.field(description="Bits against the alternative it tells least from: a bar of the weight chart.")
    against: list[MatchAgainst] = strawberry.field(description="What it tells from: strangers, relatives (sister companies, colleagues) and namesakes.")


@strawberry.type(description="What a level is worth against one alternative to being the same.")
class MatchAgainst:
    alternative: str = strawberry.field(description="strangers, relatives or namesakes.")
    share: float = strawberry.field(description="How often pairs of this alternative agree to the level.")
    bits: float = strawberry.field(description="Binary logarithm of how many times likelier the level is among records of one thing.")


@strawberry.type(description="A version of what judges likeness. Version 0 is the declared model, before anything was learned; it only asks.")
class MatchModel:
    entity: str
    version: int
    state: str = strawberry.field(description="trained, in_force or retired.")
    made_by: str = strawberry.field(description="Who trained it.")
    made_at: DateTime | None
    in_force_at: DateTime | None = strawberry.field(description="Since when it judges, or when it last began to.")
    prior: float = strawberry.field(description="Bits a pair starts with, against being strangers.")
    auto: float = strawberry.field(description="Bits from which a pair links by itself.")
    review: float = strawberry.field(description="Bits from which a person is asked.")
    levels: list[MatchLevel] = strawberry.field(description="The weight chart.")
    report: Json = strawberry.field(description="What training saw: pairs, sweep of thresholds, labels.")


@strawberry.type(description="A training, a first load or a re-evaluation.")
class MatchRun:
    id: Long
    entity: str
    kind: str
    model_version: int = strawberry.field(description="The version that judged; 0 is the declared one.")
    looked_at: Long = strawberry.field(description="Source records it looked at.")
    outcome: Json = strawberry.field(description="What it came to: joined, moved, asked …")
    started_at: DateTime
    finished_at: DateTime | None
    actor: str


@strawberry.type(description="How well automatic links and questions did, by what people decided afterwards.")
class MatchQuality:
    entity: str
    mode: str = strawberry.field(description="link, ask or off.")
    model_version: int = strawberry.field(description="The version that judges now; 0 is the declared one, which only asks.")
    linked: int = strawberry.field(description="Links the model made that stand.")
    withdrawn: int = strawberry.field(description="Links the model made that a person took back.")
    precision: float | None = strawberry.field(description="Share of the model's links that nobody took back.")
    asked: int = strawberry.field(description="Questions that are open.")
    answered_same: int = strawberry.field(description="Questions that people answered with: the same.")
    answered_apart: int = strawberry.field(description="Questions that people answered with: not the same.")
    bands: list[MatchBand] = strawberry.field(description="Answers by weight, in bands of two bits.")


@strawberry.type(description="What people answered about pairs of about one weight.")
class MatchBand:
    bits: int = strawberry.field(description="Lower end of the band.")
    same: int = strawberry.field(description="Answers: the same.")
    apart: int = strawberry.field(description="Answers: not the same.")


@strawberry.type(description="Whether the change of what judges was made, or waits for a second person.")
class MatchingPayload:
    done: bool | None
    plan_id: Long | None = strawberry.field(description="The plan that says what it changes.")
    proposal: Proposal | None = strawberry.field(description="Set when a second person must approve first: then nothing else was done.")
    errors: list[ProblemOut]


@strawberry.input(description="Where the zones begin in one situation, in bits.")
class ThresholdInput:
    situation: str = strawberry.field(default="any", description="new, unconfirmed, confirmed (a person has looked at the record) or any.")
    auto: float | None = strawberry.field(default=None, description="Bits from which a pair links by itself.")
    review: float | None = strawberry.field(default=None, description="Bits from which a person is asked.")


def compared(name: str) -> EntityMeta:
    """An entity that similarity has a say about."""
    meta = entity_of(name)
    if match.spec_of(meta) is None:
        raise ApiError(Code.BAD_INPUT, f"{meta.name} is never compared", "entity", "Choose an entity that declares what is compared.")
    return meta


async def _candidates(root: Any, info: Any, entity: str, id: Any = None, values: Any = None, first: int = 10) -> list[Payload]:
    context: Context = info.context
    context.principal.need(*STEWARDS)
    meta = compared(entity)
    if (id is None) == (values is None):
        raise ApiError(Code.BAD_INPUT, "give either id or values", "id")
    most = max(1, min(first, MOST))
    async with context.services.worker_pool.acquire() as tx:
        config = await context.services.configurations.get(tx, context.principal.tenant_id)
        if id is not None:
            found = await explain.duplicates_of(tx, config, meta.name, golden_id(id), most=most)
        else:
            told, problems = normal_values(meta, dict(values))
            if problems:
                raise ApiError(Code.BAD_INPUT, str(problems[0]), "values", "Send values in the canonical form.")
            refs = await references.load(tx, config.tenant_id, {meta.name: [told]})
            found = await explain.likely(tx, config, meta.name, told, refs.resolve, most=most)
    return [await _candidate(context, meta, one) for one in found]


async def _candidate(context: Context, meta: EntityMeta, one: Likely) -> Payload:
    row = await context.row(meta, one.golden_id)
    return {"record": row, "source_id": str(one.source_id), "system": one.system, "zone": one.zone, "score": score_out(one.scored)}


def score_out(scored: Scored) -> Payload:
    return {
        "weight": scored.weight, "probability": scored.probability,
        "parts": [part._asdict() for part in scored.parts], "guards": [guard._asdict() for guard in scored.guards],
    }  # fmt: skip


def pair_out(pair: Pair) -> Payload:
    return {"a": _source(pair.a), "b": _source(pair.b), "score": score_out(pair.scored)}


def _source(one: Found) -> Payload:
    return {"source_id": str(one.source_id), "system": one.system, "record_id": str(one.golden_id)}


async def _pairs(
    root: Any, info: Any, entity: str, ids: list[str], path_from: Any = None, path_to: Any = None, strongest: bool = False
) -> list[Payload]:
    context: Context = info.context
    context.principal.need(*STEWARDS)
    meta = compared(entity)
    async with context.services.worker_pool.acquire() as tx:
        config = await context.services.configurations.get(tx, context.principal.tenant_id)
        read = explain.strongest_between if strongest else explain.pairs_between
        pairs = await read(tx, config, meta.name, [golden_id(one, "ids") for one in ids[:MOST]])
    if path_from is not None and path_to is not None:
        pairs = explain.path_between(pairs, int(path_from), int(path_to))
    return [pair_out(one) for one in pairs]


async def _models(root: Any, info: Any, entity: str) -> list[Payload]:
    context: Context = info.context
    context.principal.need(*STEWARDS)
    meta = compared(entity)
    spec = match.spec_of(meta)
    assert spec is not None
    rows = await likeness.models(context.services.worker_pool, context.principal.tenant_id, meta.name)
    declared = match.default_model(spec)
    is_in_force = any(row["state"] == "in_force" for row in rows)
    first = model_out(declared, {"state": "retired" if is_in_force else "in_force", "made_by": "declared", "made_at": None, "in_force_at": None, "report": {}})
    return [*(model_out(Model.from_json(spec, row["document"]).numbered(row["version"]), row) for row in rows), first]


def model_out(model: Model, told: Mapping[str, Any] | asyncpg.Record) -> Payload:
    """A version as the API shows it, with its weight chart."""
    levels = [
        {"comparison": comparison.name, "level": level.name, "share": one.m, "weight": min(one.bits, key=abs), "against": _against(one)}
        for comparison in model.spec.comparisons
        for level, one in zip(comparison.levels, model.weights[comparison.name], strict=True)
    ]
    return {
        "entity": model.entity, "version": model.version, "prior": model.priors[0], "auto": model.threshold_auto,
        "review": model.threshold_review, "levels": levels,
        **{name: told[name] for name in ("state", "made_by", "made_at", "in_force_at", "report")},
    }  # fmt: skip


def _against(one: LevelWeight) -> list[Payload]:
    return [
        {"alternative": name, "share": share, "bits": bits} for name, share, bits in zip(ALTERNATIVES, one.others, one.bits, strict=True)
    ]


async def _runs(root: Any, info: Any, entity: Any = None, first: int = 20) -> list[Any]:
    context: Context = info.context
    context.principal.need(*STEWARDS)
    named = entity_of(entity).name if entity is not None else None
    return list(await likeness.runs(context.services.worker_pool, context.principal.tenant_id, named, max(1, min(first, MOST))))


async def _quality(root: Any, info: Any, entity: str) -> Payload:
    context: Context = info.context
    context.principal.need(*STEWARDS)
    meta = compared(entity)
    async with context.services.worker_pool.acquire() as tx:
        config = await context.services.configurations.get(tx, context.principal.tenant_id)
        linked, withdrawn = await likeness.links_made(tx, config.tenant_id, meta.name)
        bands = await likeness.answers(tx, config.tenant_id, meta.name)
    made = linked + withdrawn
    return {
        "entity": meta.name, "mode": config.match_mode(meta.name), "model_version": config.model(meta.name).version,
        "linked": linked, "withdrawn": withdrawn, "precision": linked / made if made else None,
        "asked": sum(one["asked"] for one in bands), "answered_same": sum(one["same"] for one in bands),
        "answered_apart": sum(one["apart"] for one in bands),
        "bands": [{"bits": one["bits"], "same": one["same"], "apart": one["apart"]} for one in bands if one["same"] or one["apart"]],
    }  # fmt: skip


def zones_of(thresholds: Any) -> dict[str, dict[str, float]]:
    """Thresholds as they are stored: situation → where the automatic and the review zone begin."""
    return {
        one.situation: {name: float(bits) for name in ("auto", "review") if (bits := getattr(one, name)) is not None} for one in thresholds or ()
    }


async def _use(root: Any, info: Any, entity: str, version: int, reason: str) -> Payload:
    context: Context = info.context
    given = {"entity": compared(entity).name, "version": version, "reason": reason}

    async def work(tx: Connection, config: Configuration) -> Payload:
        if plans.is_on(config):
            return await plan_and_apply(context, tx, config, compared(entity).name, version, None, reason)
        return await submitted(context, tx, config, "use_match_model", given)

    return await decide(context, ADMINS, "useMatchModel", given, work)


async def _set(root: Any, info: Any, entity: str, reason: str, mode: Any = None, thresholds: Any = None) -> Payload:
    context: Context = info.context
    zones = zones_of(thresholds)
    given = {"entity": compared(entity).name, "mode": mode, "thresholds": zones or None, "reason": reason}

    async def work(tx: Connection, config: Configuration) -> Payload:
        if plans.is_on(config):
            return await plan_and_apply(context, tx, config, compared(entity).name, None, Matching(mode, zones or None), reason)
        return await submitted(context, tx, config, "set_matching", given)

    return await decide(context, ADMINS, "setMatching", given, work)


def match_fields() -> dict[str, StrawberryField]:
    """What can be read of matching."""
    return {
        "match_candidates": resolved_field(
            "matchCandidates", list[MatchCandidate], _candidates,
            "Golden records that a record (by id), or a record of these values, may be the same as, the likest first. Nothing is stored.",
            entity=str, id=strawberry.ID | None, values=Json | None, first=int,
        ),
        "match_pairs": resolved_field(
            "matchPairs", list[MatchPair], _pairs,
            "Every pair of source records of these golden records, the likest first; with pathFrom and pathTo only how the two hang together.",
            entity=str, ids=list[strawberry.ID], path_from=Long | None, path_to=Long | None, strongest=bool,
        ),
        "match_models": resolved_field("matchModels", list[MatchModel], _models, "Every version of an entity's model, newest first.", entity=str),
        "match_runs": resolved_field("matchRuns", list[MatchRun], _runs, "Trainings, first loads and re-evaluations, newest first.", entity=str | None, first=int),
        "match_quality": resolved_field("matchQuality", MatchQuality, _quality, "How well the model did, by what people decided.", entity=str),
    }  # fmt: skip


def match_mutations() -> dict[str, StrawberryField]:
    """Changing what judges; two teams agree on it."""
    return {
        "use_match_model": resolved_field(
            "useMatchModel", MatchingPayload, _use, "Let a version judge from now on, by way of a plan; 0 is the declared model, which only asks.",
            entity=str, version=int, reason=str,
        ),
        "set_matching": resolved_field(
            "setMatching", MatchingPayload, _set,
            "Say whether an entity's records link by themselves (link), only ask (ask) or are not compared (off), and where the zones begin.",
            entity=str, reason=str, mode=str | None, thresholds=list[ThresholdInput] | None,
        ),
    }  # fmt: skip


