"""Which media type an answer is sent as, from the caller's ``Accept``. Pure; each header is read once."""

from __future__ import annotations

from functools import lru_cache

from hub.api.errors import ApiError, Code

GRAPHQL_RESPONSE = "application/graphql-response+json"
JSON = "application/json"
OFFERED = (GRAPHQL_RESPONSE, JSON)
"""By preference: who names both alike speaks the newer one. Wildcards mean JSON, which everybody reads."""

_WILDCARDS = ("application/*", "*/*")


@lru_cache(maxsize=1024)
def media_type(accept: str) -> str:
    """The media type to answer with; raises ``NOT_ACCEPTABLE`` when the caller takes none of ours.

    >>> media_type(""), media_type("text/html, */*;q=0.1")
    ('application/json', 'application/json')
    >>> media_type("application/json;q=0.9, application/graphql-response+json")
    'application/graphql-response+json'
    """
    if not accept.strip():
        return JSON
    weights = _weights(accept)
    wild = next((weights[one] for one in _WILDCARDS if one in weights), 0.0)
    best = max(OFFERED, key=lambda one: weights.get(one, 0.0))
    weight = weights.get(best, 0.0)
    if weight > 0 and (weight >= wild or JSON in weights):
        return best
    if wild > 0:
        return JSON if weights.get(JSON, wild) > 0 else GRAPHQL_RESPONSE
    raise ApiError(
        Code.NOT_ACCEPTABLE, "answers are sent as JSON only", remedy=f"Send Accept: {GRAPHQL_RESPONSE} or {JSON}."
    )


def wants_page(accept: str) -> bool:
    """A browser that opens the address."""
    return "text/html" in accept


def _weights(accept: str) -> dict[str, float]:
    """Media range → weight from 0 to 1; what cannot be read weighs nothing."""
    found: dict[str, float] = {}
    for each in accept.split(","):
        name, *parameters = each.strip().lower().split(";")
        given = dict(one.strip().partition("=")[::2] for one in parameters)
        if given.get("charset", "utf-8").strip('"') not in ("utf-8", "utf8", "*"):
            continue
        try:
            found[name.strip()] = min(max(float(given.get("q", 1)), 0.0), 1.0)
        except ValueError:
            found[name.strip()] = 0.0
    return found
