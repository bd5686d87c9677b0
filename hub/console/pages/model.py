"""Model and ownership: every entity and field, who decides it by which rule, what the firm decided otherwise; a change is a plan."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hub.console.page import Page
from hub.console.sheets import csv_answer
from hub.console.shell import configuration, field, redirect, render, tell
from hub.core.configuration import Configuration
from hub.core.policy import FieldPolicy, Policy
from hub.errors import RequestError
from schema import ENTITIES
from schema.fields import Family, Field
from schema.fields import Policy as OthersPolicy
from schema.language import EntityMeta
from schema.rules import Rule, Strategy
from schema.systems import SystemKind

PLAN = """
mutation Plan($policy: JSON!, $reason: String!) { planPolicy(document: $policy, reason: $reason) {
  plan { id state } errors { code message field remedy } } }
"""
FAMILIES = {
    Family.MATCHED: "Masters that are matched", Family.KEYED: "Masters with a key", Family.TRANSACTION: "Transactions", Family.REFERENCE: "Reference data",
    Family.DERIVED: "Derived",
}  # fmt: skip
MEANS = {
    "ignore": "another's differing value is kept beside", "propose": "another's differing value becomes a task",
    "reject": "another's differing value is refused, with a task", "accept_if_empty": "another's value counts while the owner's is empty",
}  # fmt: skip
STRATEGIES = tuple(each.value for each in Strategy if each is not Strategy.CUSTOM)
KINDS = tuple(kind.value for kind in SystemKind)


async def listed(request: Request) -> Response:
    """Every entity by family."""
    wanted = request.query_params.get("q", "").strip().lower()
    config = await configuration(request)
    ours: dict[str, int] = {}
    for one in config.policy.fields:
        ours[one.entity] = ours.get(one.entity, 0) + 1
    found = [meta for meta in ENTITIES.values() if wanted in f"{meta.name} {meta.type_name} {meta.doc}".lower().replace("_", " ") or wanted in meta.name]
    groups = [(title, [meta for meta in found if meta.family is family]) for family, title in FAMILIES.items()]
    return render(
        request, "model/list.html", title="Model and ownership", groups=[(title, some) for title, some in groups if some], ours=ours, wanted=wanted,
        extensions=config.extensions, systems=config.policy.systems or tuple(sorted(config.systems, key=lambda name: (config.systems[name].kind, config.systems[name].rank))),
    )  # fmt: skip


def _meta(request: Request) -> EntityMeta:
    meta = ENTITIES.get(request.path_params["entity"])
    if meta is None:
        raise RequestError("NOT_FOUND", "there is no such entity", remedy="Look at the model.")
    return meta


async def entity(request: Request) -> Response:
    """One entity: its fields with owner, policy, rule, risk and sensitivity, as they are in force."""
    meta, config = _meta(request), await configuration(request)
    rows = [in_force(one, config) for one in meta.fields.values()]
    if request.query_params.get("format") == "csv":
        header = ("field", "kind", "group", "owners", "others", "rule", "risk", "sensitivity", "required", "firms_own")
        lines = ((row["name"], row["kind"], row["group"], " > ".join(row["owners"]), row["policy"], row["rule"], row["risk"], row["sensitivity"], row["is_required"], row["is_ours"]) for row in rows)
        return csv_answer(f"model-{meta.name}.csv", header, lines)
    return render(
        request, "model/entity.html", title=meta.type_name, crumbs=(("Model", "/model"), (meta.type_name, "")), meta=meta, rows=rows, means=MEANS,
        scoped=[one for one in config.policy.fields if one.entity == meta.name and one.legal_entity], extensions=config.extensions.get(meta.name, {}),
        strategies=STRATEGIES, kinds=KINDS, policies=tuple(each.value for each in OthersPolicy),
    )  # fmt: skip


def in_force(one: Field[Any], config: Configuration) -> dict[str, Any]:
    """A field as it is treated now: the firm's word where it has one, else the model's."""
    group = one.group.name if one.group else ""
    ours = config.policy.of(one.entity.meta.name, one.name, group)
    rule = ours.rule if ours and ours.rule else one.rule
    owners = ours.owner if ours and ours.owner else one.owner
    return {
        "name": one.name, "kind": one.kind.value, "codes": one.codes, "target": one.target, "group": group, "doc": one.doc,
        "owners": [kind.value for kind in owners], "declared_owners": [kind.value for kind in one.owner],
        "policy": (ours.policy if ours and ours.policy else one.policy).value, "declared_policy": one.policy.value,
        "rule": rule.strategy.value, "argument": rule.argument, "declared_rule": one.rule.strategy.value, "risk": one.risk.value,
        "sensitivity": one.sensitivity.value, "is_required": one.required, "is_ours": ours is not None,
        "by_group": ours is not None and ours.field == group != one.name,
    }  # fmt: skip


async def change(request: Request) -> Response:
    """Plan another owner, policy or rule of a field or group; nothing changes before two people agree."""
    meta, config = _meta(request), await configuration(request)
    name, reason = await field(request, "field"), await field(request, "reason")
    if name not in meta.fields and name not in meta.groups:
        raise RequestError("UNKNOWN_FIELD", f"{meta.name} has no field {name[:60]!r}", field="field", remedy="Choose one of the table.")
    if not reason:
        raise RequestError("REASON_REQUIRED", "a change of who decides needs a reason", field="reason", remedy="Say why.")
    policy = changed(config.policy, await _typed(request, meta, name)).to_json()
    told = await tell(request, PLAN, policy=policy, reason=reason)
    return redirect(request, f"/plans/{told['plan']['id']}", "It is computed what that would change. Nothing is changed yet.")


async def _typed(request: Request, meta: EntityMeta, name: str) -> FieldPolicy:
    """What the form says of a field; empty parts leave the model's own."""
    owners = [one.strip().lower() for one in (await field(request, "owners")).replace(">", ",").split(",") if one.strip()]
    if strange := [one for one in owners if one not in KINDS]:
        raise RequestError("INVALID_VALUE", f"{strange[0][:40]!r} is no kind of system", field="owners", remedy="Choose of: " + ", ".join(KINDS))
    policy, rule, argument = await field(request, "policy"), await field(request, "rule"), await field(request, "argument")
    among_all = rule not in ("", "owner")
    try:
        return FieldPolicy(
            meta.name, name, tuple(SystemKind(one) for one in owners), OthersPolicy(policy) if policy else None,
            Rule(Strategy(rule), argument, among_all) if rule else None,
        )  # fmt: skip
    except ValueError as error:
        raise RequestError("INVALID_VALUE", str(error), field="rule", remedy="Choose one of the lists.") from error


def changed(policy: Policy, one: FieldPolicy) -> Policy:
    """The policy with one field's word replaced; an empty word takes the firm's own back.

    >>> before = Policy((FieldPolicy("client", "name", (SystemKind.ERP,)),))
    >>> changed(before, FieldPolicy("client", "name")).fields
    ()
    """
    kept = tuple(each for each in policy.fields if (each.entity, each.field, each.legal_entity) != (one.entity, one.field, one.legal_entity))
    says = one.owner or one.policy or one.rule
    return replace(policy, fields=(*kept, one) if says else kept, compiled={})


PAGE = Page(
    "Model",
    "/model",
    (
        Route("/model", listed),
        Route("/model/{entity}", entity),
        Route("/model/{entity}", change, methods=["POST"]),
    ),
    section="rules",
    icon="tree",
)
