"""Three zones: link, ask a person, leave apart. They depend on the score, on guards, on rivals and on the situation."""

from __future__ import annotations

from collections.abc import Sequence

from hub.core.match.model import Model
from hub.core.match.scoring import Scored

MATCH, POSSIBLE_MATCH, NO_MATCH = "match", "possible_match", "no_match"

RIVAL_BITS = 6.0
"""A second candidate this close makes the first doubtful."""

SITUATION_BITS = {"new": 0.0, "unconfirmed": 0.0, "confirmed": 4.0}
"""What an automatic link must exceed the threshold by: a link a person confirmed, or a record they looked at, moves only for more."""


def zone(model: Model, scored: Scored, rivals: Sequence[float] = (), situation: str = "new") -> str:
    """``match``, ``possible_match`` or ``no_match``. ``rivals`` are the scores of other things the record may be.

    Guarded pairs and pairs with a rival within six bits are questions, never links.
    """
    if scored.weight < model.threshold_review:
        return NO_MATCH
    if scored.guards or scored.weight < model.threshold_auto + SITUATION_BITS[situation]:
        return POSSIBLE_MATCH
    return POSSIBLE_MATCH if any(scored.weight - rival < RIVAL_BITS for rival in rivals) else MATCH
