"""What reaches a log: enough to find the place, never a secret, a document or a person's data."""

from __future__ import annotations

import json
import subprocess
import sys

SPEAK = """
import logging
from hub.telemetry import configure, logger
from hub.errors import SettingError
configure("info", process="worker")
log = logger("hub.test")
log.debug("unheard")
log.info("batch folded", count=50, body={"iban": "DE00-SECRET"}, password="SECRET")
try:
    raise ValueError("Key (email)=(SECRET@example.com) already exists")
except ValueError:
    log.exception("batch failed")
try:
    raise SettingError("HUB_PORT", "must be a whole number")
except SettingError as error:
    log.error("refused", exc_info=error)
logging.getLogger("strawberry.execution").error("query %s failed", "SECRET")
logging.getLogger("uvicorn.error").info("SECRET detail of a library")
"""


def spoken() -> tuple[str, list[dict[str, object]]]:
    done = subprocess.run([sys.executable, "-c", SPEAK], capture_output=True, text=True, check=True)
    assert done.stdout == ""
    return done.stderr, [json.loads(line) for line in done.stderr.splitlines()]


def test_logs_are_json_lines_that_hold_only_loggable_fields() -> None:
    text, lines = spoken()
    assert "SECRET" not in text
    assert [line["event"] for line in lines] == ["batch folded", "batch failed", "refused", "query %s failed"]
    assert lines[0]["count"] == 50
    assert lines[0]["withheld"] == ["body", "password"]
    assert {line["process"] for line in lines} == {"worker"}


def test_an_error_is_told_by_type_and_place_and_only_ours_by_message() -> None:
    _, lines = spoken()
    assert (lines[1]["error"], lines[1].get("message")) == ("ValueError", None)
    assert lines[1]["error_at"] == "<module>:10"
    assert (lines[2]["error"], lines[2]["message"]) == ("SettingError", "HUB_PORT must be a whole number")
