"""Splink 4 as somebody who knows it would use it: one generic configuration by kind of field, unsupervised, for every set alike.

``python -m tests.benchmarks.match_splink DATA SET`` matches one set and prints one line of JSON: pair figures at Splink's
neutral threshold and at the best one, clusters by connected components at the best one, wall and CPU seconds, peak memory.
It runs in a process of its own so that these are its own. Values are brought to one spelling first, an address is one
comparison, names have term frequencies, u of identifiers comes from their value frequencies: what was found to matter in
Splink's favour. Keys are blocked on by exploding one array.
"""

from __future__ import annotations

import json
import re
import resource
import sys
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import splink.comparison_library as cl
from anyascii import anyascii
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

from hub.core.match.legal_forms import without_legal_forms
from hub.match.measures import Sweep, b_cubed, cluster_rates, pair_count
from tests.benchmarks.match_sets import BY_NAME, LabelledSet

MOST_HOLDERS = 60
"""A key that more records share is no key; it bounds the number of pairs where there are many records."""

FEW_RECORDS, PAIRS_OF_FEW = 50_000, 2_000_000
"""Of up to so many records a key may have more holders, as long as all keys together make no more pairs."""

MOST_SAMPLED = 1e6
"""Random pairs from which u is estimated; one million records get as many as Splink's documentation advises for a first look."""

NAMES = ("organisation", "person", "given_name", "family_name", "text")
ADDRESS = ("address", "street", "city", "region", "postcode", "country")
BLOCKS = ("organisation", "place", "family_name", "tax_id", "identifier", "phone", "date", "email", "given_name", "person", "text")
"""Kinds whose equal values make the blocks that EM looks at, the first three that hold enough pairs and not too many."""

EXACT = ("phone", "website", "tax_id", "identifier", "date")


@dataclass(frozen=True)
class Way:
    """A way to set Splink up; each is tried on every set, and its best counts."""

    name: str
    by_frequency: bool = True
    """Whether names have term frequencies. Where a thing has many records they speak against its own name."""
    by_beginnings: bool = False
    """Whether EM looks at blocks of equal beginnings, which leave every comparison something to learn."""
    by_library: bool = False
    """Whether names, dates and e-mail addresses are compared as Splink's comparison library advises."""


WAYS = (Way("ours"), Way("without frequencies", by_frequency=False), Way("beginnings", by_beginnings=True), Way("library", by_library=True))
"""The first is the one that a million records are measured by."""


# ---------------------------------------------------------------------------------------------------------- one spelling


def spelling(kind: str, value: str) -> str:
    """A value as Splink gets it; empty where it says nothing."""
    text = anyascii(value).casefold()
    if kind == "organisation":
        text = without_legal_forms(re.sub(r"[^\w&]+", " ", text)) or text
        return " ".join(re.findall(r"[a-z0-9]+", text))
    if kind == "phone":
        return re.sub(r"\D", "", text)[-7:]
    if kind == "website":
        return re.sub(r"^(https?://)?(www\.)?|/.*$", "", text)
    if kind in ("tax_id", "identifier", "date", "postcode"):
        return re.sub(r"[^a-z0-9]", "", text)
    return text.strip() if kind == "email" else " ".join(re.findall(r"[a-z0-9]+", text))


def prepared(frame: pd.DataFrame, kinds: dict[str, str]) -> tuple[pd.DataFrame, list[tuple[str, str]]]:
    """Splink's table, and its columns as (name, kind): columns of one kind become c0, c1 …; an address becomes one."""
    made = pd.DataFrame({"unique_id": np.arange(len(frame))})
    columns: list[tuple[str, str]] = []
    place: dict[str, list[str]] = {}
    for at, (column, kind) in enumerate(kinds.items()):
        if kind == "ignore":
            continue
        values = {one: spelling(kind, one) for one in frame[column].unique()}
        if kind in ADDRESS:
            made[f"p{at}"] = frame[column].map(values)
            place.setdefault(kind, []).append(f"p{at}")
        else:
            made[f"c{at}"] = frame[column].map(values).replace("", None)
            columns.append((f"c{at}", kind))
    if place:
        street = [one for kind in ("address", "street") for one in place.get(kind, ())]
        made["street"] = made[street].agg(" ".join, axis=1).str.split().str.join(" ").replace("", None) if street else None
        for kind in ("city", "region", "postcode", "country"):
            made[kind] = made[place[kind]].agg(" ".join, axis=1).str.strip().replace("", None) if kind in place else None
        columns.append(("street", "place"))
        columns += [("country", "country")] if "country" in made else []
    made["keys"] = keys_of(made, columns)
    return made, columns


# ----------------------------------------------------------------------------------------------------------------- keys


def keys_of(made: pd.DataFrame, columns: Sequence[tuple[str, str]]) -> list[list[str]]:
    """Blocking keys of each record: identifiers, whole names, name parts with places, the two rarest words of names."""
    words = Counter(word for column, kind in columns if kind in NAMES for value in made[column].dropna() for word in set(value.split()))
    keys = [sorted(set(_keys(row, columns, words))) for row in made.to_dict("records")]
    holders = Counter(key for some in keys for key in some)
    most = _most_of_few(holders) if len(made) <= FEW_RECORDS else MOST_HOLDERS
    return [[key for key in some if 1 < holders[key] <= most] for some in keys]


def _most_of_few(holders: Counter[str]) -> int:
    pairs = most = 0
    for size, count in sorted(Counter(holders.values()).items()):
        pairs += count * size * (size - 1) // 2
        if pairs > PAIRS_OF_FEW:
            break
        most = size
    return max(most, MOST_HOLDERS)


def _keys(row: dict[str, Any], columns: Sequence[tuple[str, str]], words: Counter[str]) -> Iterable[str]:
    names = [(kind, row[column]) for column, kind in columns if kind in NAMES and row[column]]
    city, postcode, street = row.get("city"), row.get("postcode"), row.get("street")
    date = next((row[column] for column, kind in columns if kind == "date" and row[column]), None)
    for column, kind in columns:
        if kind in EXACT and kind != "date" and row[column]:
            yield f"{column}:{row[column]}"
        elif kind == "email" and row[column]:
            yield f"e:{row[column]}"
    whole = " ".join(sorted(value for kind, value in names if kind != "text"))
    if whole:
        yield f"w:{whole}"
    for kind, value in names:
        first = value.split()[0]
        yield f"n:{kind}:{value}" if kind not in ("given_name", "family_name") else f"nd:{kind}:{value}:{date or ''}:{city or ''}"
        for rare in sorted(set(value.split()), key=lambda word: (words[word], word))[:2]:
            yield f"r:{rare}" if kind not in ("given_name", "family_name") else f"r:{rare}:{first[:2]}"
        for other in (city, postcode, date):
            if other:
                yield f"o:{value[:4]}:{other}"
                yield f"f:{first}:{other}"
    if street and (postcode or city):
        yield f"s:{street[:12]}:{postcode or city}"
    if date and (postcode or city):
        yield f"d:{date}:{postcode or city}"


# ---------------------------------------------------------------------------------------------------------- comparisons


def comparison(column: str, kind: str, present: Sequence[str], way: Way = WAYS[0]) -> Any:
    """One comparison by the kind of the field."""
    if kind == "place":
        return place_comparison(present)
    if kind in ("organisation", "text"):
        return cl.CustomComparison(output_column_name=column, comparison_levels=_text_levels(column, way))
    if kind in ("person", "given_name", "family_name"):
        found = cl.NameComparison(column) if way.by_library else cl.JaroWinklerAtThresholds(column, [0.95, 0.88, 0.8])
        return found.configure(term_frequency_adjustments=way.by_frequency)
    if way.by_library and kind in ("date", "email"):
        return cl.DamerauLevenshteinAtThresholds(column, [1, 2]) if kind == "date" else cl.JaroWinklerAtThresholds(column, [0.95, 0.88])
    if kind == "email":
        return cl.LevenshteinAtThresholds(column, [1, 3])
    if kind == "number":
        return cl.ExactMatch(column)
    return cl.LevenshteinAtThresholds(column, [1, 2]) if kind in ("date", "tax_id", "identifier") else cl.ExactMatch(column)


def _text_levels(column: str, way: Way) -> list[dict[str, Any]]:
    left, right = f"{column}_l", f"{column}_r"
    jaccard = (
        f"len(list_intersect(string_split({left}, ' '), string_split({right}, ' '))) / "
        f"len(list_distinct(list_concat(string_split({left}, ' '), string_split({right}, ' '))))"
    )
    exact: dict[str, Any] = {"tf_adjustment_column": column, "tf_adjustment_weight": 1.0} if way.by_frequency else {}
    return [
        {"sql_condition": f"{left} IS NULL OR {right} IS NULL", "label_for_charts": "null", "is_null_level": True},
        {"sql_condition": f"{left} = {right}", "label_for_charts": "same", **exact},
        {"sql_condition": f"jaro_winkler_similarity({left}, {right}) >= 0.95", "label_for_charts": "jw .95"},
        {"sql_condition": f"{jaccard} >= 0.66 OR jaro_winkler_similarity({left}, {right}) >= 0.9", "label_for_charts": "words .66 or jw .9"},
        {"sql_condition": f"{jaccard} >= 0.33 OR jaro_winkler_similarity({left}, {right}) >= 0.8", "label_for_charts": "words .33 or jw .8"},
        {"sql_condition": "ELSE", "label_for_charts": "else"},
    ]


def place_comparison(present: Sequence[str]) -> Any:
    """One comparison of the whole address: three that a move turns against a true match at once would bury it."""
    same_place = " OR ".join(f"{one}_l = {one}_r" for one in ("postcode", "city") if one in present) or "TRUE"
    known = [one for one in ("street", "postcode", "city") if one in present]
    empty = " AND ".join(f"({one}_l IS NULL OR {one}_r IS NULL)" for one in known)
    levels: list[dict[str, Any]] = [{"sql_condition": empty, "label_for_charts": "null", "is_null_level": True}]
    if "street" in present:
        levels += [
            {"sql_condition": f"street_l = street_r AND ({same_place})", "label_for_charts": "street and place"},
            {"sql_condition": "jaro_winkler_similarity(street_l, street_r) >= 0.9", "label_for_charts": "street alike"},
        ]
    for one in ("postcode", "city"):
        if one in present:
            levels.append({"sql_condition": f"{one}_l = {one}_r", "label_for_charts": one})
    return cl.CustomComparison(
        output_column_name="place", comparison_levels=[*levels, {"sql_condition": "ELSE", "label_for_charts": "else"}]
    )


# ------------------------------------------------------------------------------------------------------------------ run


def linker_of(
    made: pd.DataFrame, columns: Sequence[tuple[str, str]], sources: Sequence[str] | None, way: Way = WAYS[0], api: DuckDBAPI | None = None
) -> Linker:  # fmt: skip
    present = [one for one in ("street", "city", "region", "postcode", "country") if one in made and made[one].notna().any()]
    settings = SettingsCreator(
        link_type="link_only" if sources else "dedupe_only",
        comparisons=[comparison(column, kind, present, way) for column, kind in columns],
        blocking_rules_to_generate_predictions=[block_on("keys", arrays_to_explode=["keys"])],
    )
    frames: Any = [part for _, part in made.groupby(np.asarray(sources), sort=True)] if sources else made
    return Linker(frames, settings, db_api=api or DuckDBAPI(), set_up_basic_logging=False)


def train(linker: Linker, made: pd.DataFrame, columns: Sequence[tuple[str, str]], way: Way = WAYS[0]) -> None:
    """u from random pairs, and of identifiers from frequencies; m by EM over blocks that hold one field fixed each, or its beginning."""
    linker.training.estimate_u_using_random_sampling(MOST_SAMPLED, seed=1)
    for one in linker._settings_obj.comparisons:
        column = next((name for name, kind in columns if name == one.output_column_name and kind in EXACT), "")
        if column:
            shares = made[column].value_counts(normalize=True).to_numpy()
            next(level for level in one.comparison_levels if not level.is_null_level).u_probability = max(float((shares**2).sum()), 1e-9)
    known = [(name, kind) for name, kind in columns if kind in BLOCKS] + [("street", "place")] * ("street" in made)
    rules = [f"l.{name} = r.{name}" for name, kind in known if kind in ("tax_id", "identifier", "email", "phone")]
    rules += [f"l.{name} = r.{name} AND l.street = r.street" for name, kind in known if kind == "organisation" and "street" in made]
    names = [f"l.{name} = r.{name}" for name, kind in known if kind in ("given_name", "family_name", "date")]
    rules += [" AND ".join(names)] if len(names) > 1 else []
    if rules:
        linker.training.estimate_probability_two_random_records_match(rules, recall=0.7)
    if way.by_beginnings:
        for name in [name for name, kind in known if kind in NAMES or kind == "place"][:3]:
            try:
                linker.training.estimate_parameters_using_expectation_maximisation(block_on(f"substr({name}, 1, 6)"), fix_u_probabilities=True)
            except Exception as error:  # noqa: BLE001 - as below
                print(f"EM on the beginning of {name}: {type(error).__name__}: {error}"[:200], file=sys.stderr)
        return
    trained = 0
    for name, _ in sorted(known, key=lambda one: BLOCKS.index(one[1])):
        counts = made[name].value_counts()
        pairs = int((counts * (counts - 1) // 2).sum())
        if trained < 3 and len(columns) > 1 and 50 < pairs < 1e-2 * len(made) ** 2 / 2:
            try:
                linker.training.estimate_parameters_using_expectation_maximisation(block_on(name), fix_u_probabilities=True)
                trained += 1
            except Exception as error:  # noqa: BLE001 - one field has nothing to train beside it: Splink goes on with its defaults
                print(f"EM on {name}: {type(error).__name__}: {error}"[:200], file=sys.stderr)


def predict(linker: Linker) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(left, right, match weight) of every candidate pair; what else it says of each is left in the database, or a million records fill 22 GB."""
    pairs = linker.inference.predict()
    scored = linker.misc.query_sql(f"SELECT unique_id_l, unique_id_r, match_weight FROM {pairs.physical_name}")
    return scored["unique_id_l"].to_numpy(), scored["unique_id_r"].to_numpy(), scored["match_weight"].to_numpy(float)


def components(left: np.ndarray, right: np.ndarray, count: int) -> list[int]:
    """Connected components, as each record's cluster."""
    parent = list(range(count))
    for a, b in zip(left.tolist(), right.tolist(), strict=True):
        while parent[a] != a:
            parent[a] = a = parent[parent[a]]
        while parent[b] != b:
            parent[b] = b = parent[parent[b]]
        parent[a] = b
    for at in range(count):
        root = at
        while parent[root] != root:
            root = parent[root]
        parent[at] = root
    return parent


def anchor(one: LabelledSet, data: Path) -> dict[str, Any]:
    """Splink's figures on one set, by the way that does best there; the wall is that of the first way alone."""
    tried = [found for way in WAYS if (found := _tried(one, data, way)) is not None]
    best = max(tried, key=lambda found: float(found["best_f1"]))
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return best | {
        "wall_s": tried[0]["wall_s"], "cpu_s": tried[0]["cpu_s"], "peak_mb": usage.ru_maxrss / 1024,
        "ways": {str(found["way"]): round(float(found["best_f1"]), 4) for found in tried},
    }  # fmt: skip


def _tried(one: LabelledSet, data: Path, way: Way) -> dict[str, Any] | None:
    """What one way gives; None where Splink cannot train so."""
    frame = one.frame(data)
    began, used = time.monotonic(), time.process_time()
    made, columns = prepared(frame, one.kinds)
    linker = linker_of(made, columns, list(frame[one.source]) if one.links_only else None, way)
    try:
        train(linker, made, columns, way)
        left, right, weight = predict(linker)  # where EM had but one comparison and failed, Splink is left with none, which shows here
    except Exception as error:
        if way is WAYS[0]:
            raise
        print(f"{way.name}: {type(error).__name__}: {error}"[:200], file=sys.stderr)
        return None
    wall_s, cpu_s = time.monotonic() - began, time.process_time() - used
    labels = one.labels(data, frame["record_id"])
    codes = pd.factorize(np.asarray(labels))[0]
    sweep = Sweep.of(weight, codes[left] == codes[right], pair_count(labels))
    threshold, best = sweep.best()
    clusters = components(left[weight >= threshold], right[weight >= threshold], len(frame))
    return {
        "way": way.name, "f1_at_0": sweep.at(0.0).f1, "best_f1": best.f1, "best_precision": best.precision, "best_recall": best.recall,
        "recall_at_p99": sweep.recall_at_precision(0.99), "completeness": sweep.completeness, "cluster_f1": cluster_rates(clusters, labels).f1,
        "b_cubed_f1": b_cubed(clusters, labels).f1, "wall_s": wall_s, "cpu_s": cpu_s,
    }  # fmt: skip


if __name__ == "__main__":
    print(json.dumps(anchor(BY_NAME[sys.argv[2]], Path(sys.argv[1]))))
