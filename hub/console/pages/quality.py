"""Match quality: which model judges, what each agreement is worth, how well it did by what people decided; changes are plans."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hub.console.page import OPERATORS, Page
from hub.console.sheets import csv_answer
from hub.console.shell import ask, attempt, field, part, redirect, render, shell, tell, tenant_id
from hub.core import match
from hub.errors import RequestError
from hub.store import labels, match_links
from schema import ENTITIES

_QUALITY = "{ entity mode modelVersion linked withdrawn precision asked answeredSame answeredApart bands { bits same apart } }"
MODEL = f"""
query Model($entity: String!) {{
  matchQuality(entity: $entity) {_QUALITY}
  matchModels(entity: $entity) {{ version state madeBy madeAt inForceAt prior auto review levels {{ comparison level share weight against {{ alternative share bits }} }} report }}
  matchRuns(entity: $entity, first: 20) {{ id kind modelVersion lookedAt outcome startedAt finishedAt actor }} }}
"""
PLAN = """
mutation PlanMatching($entity: String!, $reason: String!, $version: Int, $mode: String, $thresholds: [ThresholdInput!]) {
  planMatching(entity: $entity, reason: $reason, version: $version, mode: $mode, thresholds: $thresholds) {
    plan { id state } errors { code message field remedy } } }
"""
MODES = {"link": "links by itself where it is sure, asks where it is not", "ask": "only asks", "off": "does not compare"}


def compared() -> list[str]:
    """The entities that similarity has a say about."""
    return [name for name, meta in ENTITIES.items() if match.spec_of(meta) is not None]


async def listed(request: Request) -> Response:
    """Every compared entity in a line; what cannot be told of one does not hide the others."""
    names = compared()
    document = "query Quality { " + " ".join(f'e{at}: matchQuality(entity: "{name}") {_QUALITY}' for at, name in enumerate(names)) + " }"
    data, troubles = await attempt(request, document)
    rows = [found for at in range(len(names)) if (found := data.get(f"e{at}"))]
    if request.query_params.get("format") == "csv":
        columns = ("entity", "mode", "modelVersion", "linked", "withdrawn", "precision", "asked", "answeredSame", "answeredApart")
        return csv_answer("match-quality.csv", columns, ([row[name] for name in columns] for row in rows))
    return render(request, "quality/list.html", title="Match quality", rows=rows, troubles=troubles, modes=MODES)


def _entity(request: Request) -> str:
    name: str = request.path_params["entity"]
    if name not in compared():
        raise RequestError("NOT_FOUND", "records of this are never compared", remedy="Look at match quality.")
    return name


async def one(request: Request) -> Response:
    """One entity's model: weights, zones, sweep, answers by weight, versions and runs."""
    name = _entity(request)
    data = await ask(request, MODEL, entity=name)
    models = data["matchModels"]
    chosen = request.query_params.get("version", "")
    shown = next((each for each in models if str(each["version"]) == chosen), None) or next((each for each in models if each["state"] == "in_force"), models[0])
    return render(
        request, "quality/one.html", title=name.replace("_", " ").capitalize(), crumbs=(("Match quality", "/quality"), (name.replace("_", " "), "")), entity=name,
        quality=data["matchQuality"], models=models, shown=shown, charts=charts(shown), sweep=sweep_of(shown), runs=data["matchRuns"], modes=MODES,
        bands=bands_of(data["matchQuality"]),
    )  # fmt: skip


async def withdrawn(request: Request) -> Response:
    """Links the model made that people took back, with what it had seen in them."""
    name = _entity(request)
    async with shell(request).pool.acquire() as connection:
        rows = await match_links.withdrawn(connection, tenant_id(request), name)
        names = await labels.read(connection, tenant_id(request), [(name, row["golden_id"]) for row in rows if row["golden_id"]])
    shown = [{**row, "name": names.get(row["golden_id"], ""), "bits": (row["evidence"] or {}).get("weight")} for row in rows]
    return part(request, "quality/one.html", "withdrawn", entity=name, taken_back=shown)


def charts(model: dict[str, Any]) -> list[dict[str, Any]]:
    """The weight chart: a comparison with its levels, each bar placed on one axis for all.

    A bar says what the level is worth against strangers; what it tells from relatives and namesakes stands beside it.
    """
    levels = [{**each, "weight": next((other["bits"] for other in each["against"] if other["alternative"] == "strangers"), each["weight"])} for each in model["levels"]]
    most = max((abs(each["weight"]) for each in levels), default=1.0) or 1.0
    found: dict[str, list[dict[str, Any]]] = {}
    for each in levels:
        width = 100 * abs(each["weight"]) / most
        found.setdefault(each["comparison"], []).append(
            {**each, "x": f"{100 - width if each['weight'] < 0 else 100:.2f}", "width": f"{max(width, 0.5):.2f}"}
        )
    return [{"comparison": name, "levels": levels} for name, levels in found.items()]


def sweep_of(model: dict[str, Any]) -> dict[str, Any] | None:
    """Precision and recall by threshold, as training saw them, and as lines of a chart 300 wide and 120 high."""
    told = (model["report"] or {}).get("sweep") or []
    steps = [{name: float(step[name]) for name in ("threshold", "pairs", "precision", "recall")} for step in told]
    if len(steps) < 2:
        return None
    low, high = steps[0]["threshold"], steps[-1]["threshold"]
    span = (high - low) or 1.0

    def line(name: str) -> str:
        return " ".join(f"{300 * (step['threshold'] - low) / span:.1f},{120 - 120 * step[name]:.1f}" for step in steps)

    def at(bits: float) -> str:
        return f"{min(max(300 * (bits - low) / span, 0), 300):.1f}"

    return {"steps": steps, "precision": line("precision"), "recall": line("recall"), "auto": at(model["auto"]), "review": at(model["review"]), "low": low, "high": high}


def bands_of(quality: dict[str, Any]) -> list[dict[str, Any]]:
    """Answers of people by weight, with the share that said the same."""
    return [{**one, "share": one["same"] / (one["same"] + one["apart"])} for one in quality["bands"] if one["same"] + one["apart"]]


async def plan(request: Request) -> Response:
    """Plan another version, mode or threshold: which pairs would be linked, asked or parted."""
    name = _entity(request)
    version, mode, reason = await field(request, "version"), await field(request, "mode"), await field(request, "reason")
    zones = {each: bits for each in ("auto", "review") if (bits := _bits(await field(request, each), each)) is not None}
    if not reason:
        raise RequestError("REASON_REQUIRED", "a change of how records are recognised needs a reason", field="reason", remedy="Say why.")
    told = await tell(
        request, PLAN, entity=name, reason=reason, version=int(version) if version.isdigit() else None, mode=mode if mode in MODES else None,
        thresholds=[{"situation": "any", **zones}] if zones else None,
    )  # fmt: skip
    return redirect(request, f"/plans/{told['plan']['id']}", "It is computed which pairs would be linked, asked about or parted. Nothing is changed yet.")


def _bits(text: str, name: str) -> float | None:
    if not text:
        return None
    try:
        return float(text.replace(",", "."))
    except ValueError:
        raise RequestError("INVALID_VALUE", f"{text[:40]!r} is no number of bits", field=name, remedy="Write a number such as 8.5.") from None


PAGE = Page(
    "Match quality",
    "/quality",
    (Route("/quality", listed), Route("/quality/{entity}", one), Route("/quality/{entity}/withdrawn", withdrawn), Route("/quality/{entity}", plan, methods=["POST"])),
    section="rules",
    icon="scale",
    roles=OPERATORS,
)
