"""The story with every product there is, in one hub: what ``make demo CRM=… PSA=… ERP=…`` plays, told to its end."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.shipped import SHIPPED
from hub import embedded
from hub.demo import story, vendors
from hub.errors import SetupError
from tests.conftest import RUNS

PATIENCE_S = 400
CASTS = (
    {"crm": "salesforce", "psa": "kantata,certinia,connectwise,autotask,dynamics365", "erp": "netsuite,sap_s4hana,oracle_fusion,sage_intacct,dynamics365_fo"},
    {"crm": "dynamics365", "psa": "certinia", "erp": "sap_s4hana"},
)


@pytest.fixture
def data() -> Iterator[Path]:
    RUNS.mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="run-products-", dir=RUNS))
    yield folder
    embedded.stop(folder)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.slow
@pytest.mark.parametrize("wanted", CASTS, ids=("all of them", "another three"))
def test_clients_reach_every_product_once_though_an_answer_is_lost(data: Path, wanted: dict[str, str]) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")}
    options = [part for role, name in wanted.items() for part in (f"--{role}", name)]
    done = subprocess.run(
        [sys.executable, "-m", "hub", "demo", "--once", "--data", str(data), "--port", "0", *options], check=False, env=environment,
        capture_output=True, text=True, timeout=PATIENCE_S, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert done.returncode == 0, f"{done.stdout}\n{(data / story.LOG).read_text()[-4000:]}"
    told = json.loads(done.stdout.rstrip().splitlines()[-1])
    assert sorted(told["systems"].values()) == sorted(one for names in wanted.values() for one in names.split(","))
    assert told["duplicates_at_targets"] == 0


def test_every_shipped_product_can_be_played_with_but_those_without_a_simulator() -> None:
    assert set(vendors.PRODUCTS) == set(SHIPPED) - {"tryton"}


def test_a_product_in_a_role_it_has_not_is_refused_with_those_that_have_it() -> None:
    with pytest.raises(SetupError, match="there is no CRM 'netsuite'; there are dynamics365, salesforce"):
        vendors.cast({"crm": "netsuite"})
    assert [(part.role, part.system) for part in vendors.cast({"crm": "dynamics365", "psa": "dynamics365", "erp": "netsuite, sap_s4hana"})] == [
        ("crm", "dynamics365_crm"), ("psa", "dynamics365_psa"), ("erp", "netsuite"), ("erp", "sap_s4hana"),
    ]  # fmt: skip
