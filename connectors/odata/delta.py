"""Where a reading of changes stands that the service tracks by itself: the link that leads on, as a checkpoint keeps it."""

from __future__ import annotations

import json
from dataclasses import dataclass

from connectors.errors import SchemaDriftError


@dataclass(frozen=True, slots=True)
class Delta:
    """Where a reading of tracked changes stands."""

    link: str = ""
    is_full: bool = False
    is_under_way: bool = False
    began: str = ""

    def text(self) -> str:
        if not self.is_under_way:
            return json.dumps({"delta": self.link})
        return json.dumps({"delta": self.link, "full": self.is_full, "began": self.began})


def is_delta(checkpoint: str) -> bool:
    return checkpoint.startswith('{"delta"')


def delta_of(checkpoint: str) -> Delta:
    if not checkpoint:
        return Delta(is_full=True)
    try:
        stored = json.loads(checkpoint)
        return Delta(str(stored["delta"]), bool(stored.get("full", False)), "full" in stored, str(stored.get("began", "")))
    except (ValueError, KeyError, TypeError) as error:
        raise SchemaDriftError("the checkpoint was not made by this connector; start again without one") from error
