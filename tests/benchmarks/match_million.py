"""A million client records in batch: ours, with golden records, links and keys in PostgreSQL, beside Splink on the same rows.

``python -m tests.benchmarks.match_million DATA [--rows 100000] [--link careful]``; the last line is JSON. Both in processes of their own, one after the other; Splink's wall
covers reading, its spellings, training, prediction and clusters; ours reading, forms, training, scores and everything written.
Memory is the most that all processes of a side held at once, PostgreSQL apart. What is written is linked as ``--link`` says
(``likely``, unless told); how the other way would have done is told beside it. Servers and files of a side are gone when it ends.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import json
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pandas as pd
import psutil
from rapidfuzz.distance import Levenshtein
from rich.console import Console

from hub import embedded
from hub.core.match.guards import SLIPS
from hub.flows.load_plan import FilePlan
from hub.flows.tenants import ensure_tenant
from hub.garbage import collect_rarely
from hub.match.first_load import first_load
from hub.match.load_groups import Link
from hub.match.load_read import Line
from hub.match.measures import Sweep, b_cubed, cluster_rates, pair_count
from hub.migrate import migrate
from hub.settings import Settings
from hub.store.pool import open_worker_pool
from schema.systems import BILL, CRM, ERP, PSA
from tests.benchmarks.match_clients import FIELDS, telling, write

FOLDER = Path(".data/bench-match")


def measure(data: Path, rows: int, screen: Console, link: Link = Link.LIKELY) -> dict[str, Any]:
    """Ours and Splink's figures; the ratio of their wall times."""
    records, truth = write(data, FOLDER, rows)
    told = {}
    for name in ("ours", "splink"):
        with watched() as most:
            done = subprocess.run(
                [sys.executable, "-m", "tests.benchmarks.match_million", str(data), "--part", name, "--records", str(records), "--truth", str(truth),
                 "--link", link],
                stdout=subprocess.PIPE, text=True, check=False,
            )  # fmt: skip
        if done.returncode:
            raise SystemExit(f"the {name} side of the million ended with {done.returncode}")
        told[name] = json.loads(done.stdout.strip().splitlines()[-1]) | {"peak_gb": round(most[0] / 1e9, 2)}
        screen.print(f"{rows:,} records, {name}: {told[name]}", soft_wrap=True)
    ours, splink = told["ours"], told["splink"]
    return {
        "batch_1m_vs_splink": round(ours["wall_s"] / splink["wall_s"], 2), "batch_1m_s": ours["wall_s"], "batch_1m_splink_s": splink["wall_s"],
        "batch_1m_peak_gb": ours["peak_gb"], "batch_1m_splink_peak_gb": splink["peak_gb"], "batch_1m_link": str(link),
        "cluster_f1_written": ours["cluster_f1"], "cluster_precision_written": ours["cluster_precision"],
        "cluster_f1_beside": ours["beside"]["cluster_f1"], "cluster_precision_beside": ours["beside"]["cluster_precision"],
        "batch_1m_conflicts": ours["conflicts"], "batch_1m_sisters_merged": ours["sisters_merged"]["told"], "batch_1m_sisters_untold": ours["sisters_merged"]["untold"],
        "batch_1m_splink_cluster_f1": splink["cluster_f1"],
    }  # fmt: skip


@contextmanager
def watched() -> Iterator[list[int]]:
    """The most bytes this process's children held together meanwhile, servers of PostgreSQL apart."""
    most, done = [0], threading.Event()

    def watch() -> None:
        while not done.wait(0.5):
            held = 0
            for one in psutil.Process().children(recursive=True):
                try:
                    held += 0 if one.name().startswith("postgres") else one.memory_info().rss
                except psutil.NoSuchProcess:
                    continue
            most[0] = max(most[0], held)

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield most
    finally:
        done.set()
        thread.join()


# ------------------------------------------------------------------------------------------------------------------ ours


def ours(records: Path, truth: Path, link: Link) -> dict[str, Any]:
    """A first load into an embedded server of its own; the server's start is not counted."""
    with tempfile.TemporaryDirectory(prefix="hub-bench-match-") as folder, embedded.start(Path(folder), options=OPTIONS) as server:
        return asyncio.run(_ours(Settings().on(server), records, truth, link))


OPTIONS = {"max_wal_size": "8GB", "checkpoint_timeout": "30min", "shared_buffers": "512MB"}


async def _ours(settings: Settings, records: Path, truth: Path, link: Link) -> dict[str, Any]:
    collect_rarely()
    await migrate(settings)
    pool = await open_worker_pool(settings.need("worker_url"), size=1, name="bench")
    async with pool.acquire() as tx, tx.transaction():
        tenant_id = await ensure_tenant(tx, "bench")
    began = time.monotonic()
    plan = FilePlan(("client",), kinds={"crm": CRM, "psa": PSA, "erp": ERP, "billing": BILL})
    tell = _steps()
    done = await first_load(
        settings.need("database_url"), tenant_id, plan, "client", lambda: lines(records), tell=tell, with_homes=True,
        link=link, beside=Link.CAREFUL if link is Link.LIKELY else Link.LIKELY,
    )  # fmt: skip
    wall_s = time.monotonic() - began
    stored = await pool.fetchrow(
        "SELECT (SELECT count(*) FROM golden.client) AS golden, (SELECT count(*) FROM hub.source_record) AS records, "
        "(SELECT count(*) FROM hub.blocking_key) AS keys, (SELECT count(*) FROM hub.decision) AS decisions"
    )
    size: int = await pool.fetchval("SELECT pg_database_size(current_database())")
    await pool.close()
    labels = {row.record_id: row.cluster_id for row in pd.read_csv(truth, dtype=str).itertuples(index=False)}
    ids = [external_id for _, external_id in done.homes]
    told = cluster_rates(found := [str(home) for home in done.homes.values()], right := [labels[one] for one in ids])
    other = cluster_rates([done.beside[key] for key in done.homes], right)
    sisters = [sisters_merged(records, truth, {external_id: str(home) for (_, external_id), home in homes.items()}) for homes in (done.homes, done.beside)]
    return {
        "wall_s": round(wall_s, 1), "seconds": done.seconds, **dict(stored), "linked": done.linked, "asked": done.asked, "refused": len(done.refused),
        "cluster_f1": round(told.f1, 4), "cluster_precision": round(told.precision, 4), "b_cubed_f1": round(b_cubed(found, right).f1, 4),
        "beside": {"cluster_f1": round(other.f1, 4), "cluster_precision": round(other.precision, 4), "sisters_merged": sisters[1]},
        "sisters_merged": sisters[0],
        "conflicts": conflicts(records, {external_id: str(home) for (_, external_id), home in done.homes.items()}),
        "cpu_s": round(sum(resource.getrusage(who).ru_utime + resource.getrusage(who).ru_stime for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)), 1),
        "database_gb": round(size / 1e9, 2),
    }  # fmt: skip


def lines(records: Path) -> Iterator[Line]:
    """The records in our words."""
    with records.open(newline="") as file:
        for number, row in enumerate(csv.DictReader(file), 2):
            record_id, source, tax_id = row.pop("record_id"), row.pop("source"), row.pop("tax_id")
            row["name"] = row.pop("client_name")
            told: dict[str, Any] = {name: value for name, value in row.items() if value}
            if tax_id:
                told["tax_registrations"] = [{"country": tax_id[:2], "scheme": SCHEME, "number": tax_id[2:]}]
            yield Line(number, source, "client", record_id, orjson.dumps(told))


SCHEME = "registry"
"""The generator's tax numbers are invented: a scheme whose check digits nobody knows, so that each counts as valid."""


def conflicts(records: Path, homes: dict[str, str]) -> int:
    """Golden records with two tax numbers further apart than a slip of the pen."""
    held: dict[str, set[str]] = {}
    with records.open(newline="") as file:
        for row in csv.DictReader(file):
            if row["tax_id"]:
                held.setdefault(homes.get(row["record_id"], ""), set()).add(row["tax_id"])
    return sum(
        any(Levenshtein.distance(x, y) > SLIPS for x in numbers for y in numbers) for numbers in held.values() if len(numbers) > 1
    )  # fmt: skip


def sisters_merged(records: Path, truth: Path, homes: dict[str, str]) -> dict[str, int]:
    """Golden records that hold records of two sister companies: ``told``, where names tell them apart, and ``untold``, where the
    system that holds one has lost the word by which it differs.
    """
    with records.open(newline="") as file:
        names = {row["record_id"]: telling(row["client_name"]) for row in csv.DictReader(file)}
    held: dict[tuple[str, str], dict[str, list[set[str]]]] = {}
    with truth.open(newline="") as file:
        for row in csv.DictReader(file):
            if row["group_id"] and row["record_id"] in homes:
                firms = held.setdefault((homes[row["record_id"]], row["group_id"]), {})
                firms.setdefault(row["cluster_id"], []).append(names[row["record_id"]])
    found = {"told": 0, "untold": 0}
    for firms in held.values():
        if len(firms) > 1:
            one, other = firms.values()
            found["told" if all(x != y for x in one for y in other) else "untold"] += 1
    return found


def _steps() -> Any:
    """Says on standard error when something new begins."""
    last = [""]

    def tell(what: str, share: float) -> None:
        name = what.split(" 1")[0].split(" 2")[0][:24]
        if name != last[0]:
            last[0] = name
            print(f"{time.strftime('%H:%M:%S')} {what}", file=sys.stderr, flush=True)

    return tell


# ---------------------------------------------------------------------------------------------------------------- Splink

SPLINK_MEMORY = "8GB"
"""What its DuckDB may hold before it goes to disk; by itself that is four fifths of the machine's memory, beside which Python's table must find place."""

def splink(records: Path, truth: Path) -> dict[str, Any]:
    """Splink on the same rows: the configuration of ``match_splink``, clusters by connected components where it is even odds."""
    import duckdb
    from splink import DuckDBAPI

    from tests.benchmarks import match_splink as by_splink

    kinds = dict(one.split("=", 1) for one in FIELDS.split(","))
    began = time.monotonic()
    frame = pd.read_csv(records, dtype=str, keep_default_na=False)
    made, columns = by_splink.prepared(frame, kinds)
    prepared_s = time.monotonic() - began
    with tempfile.TemporaryDirectory(prefix="hub-bench-splink-") as spill:
        database = duckdb.connect(":memory:", config={"memory_limit": SPLINK_MEMORY, "temp_directory": spill})
        left, right, weight, found = _predicted(by_splink, by_splink.linker_of(made, columns, None, api=DuckDBAPI(database)), made, columns)
        database.close()
    wall_s = time.monotonic() - began
    labels = pd.read_csv(truth, dtype=str)["cluster_id"].tolist()
    codes = pd.factorize(np.asarray(labels))[0]
    sweep = Sweep.of(weight, codes[left] == codes[right], pair_count(labels))
    return {
        "wall_s": round(wall_s, 1), "spellings_and_keys_s": round(prepared_s, 1), "pairs": len(weight), "best_f1": round(sweep.best()[1].f1, 4),
        "completeness": round(sweep.completeness, 4), "cluster_f1": round(cluster_rates(found, labels).f1, 4),
        "cpu_s": round(resource.getrusage(resource.RUSAGE_SELF).ru_utime + resource.getrusage(resource.RUSAGE_SELF).ru_stime, 1),
    }  # fmt: skip


def _predicted(by_splink: Any, linker: Any, made: pd.DataFrame, columns: list[tuple[str, str]]) -> tuple[Any, Any, Any, list[int]]:
    """Its pairs, and the clusters of those likelier than not."""
    by_splink.train(linker, made, columns)
    left, right, weight = by_splink.predict(linker)
    sure = weight >= 0
    return left, right, weight, by_splink.components(left[sure], right[sure], len(made))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--part", choices=("ours", "splink"), default="")
    parser.add_argument("--records", type=Path)
    parser.add_argument("--truth", type=Path)
    parser.add_argument("--link", type=Link, choices=tuple(Link), default=Link.LIKELY)
    given = parser.parse_args()
    if given.part == "ours":
        print(json.dumps(ours(given.records, given.truth, given.link)))
    elif given.part == "splink":
        print(json.dumps(splink(given.records, given.truth)))
    else:
        print(json.dumps(measure(given.data, given.rows, Console(width=180), given.link)))


if __name__ == "__main__":
    main()
