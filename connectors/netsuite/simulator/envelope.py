"""How the simulated account says no."""

from __future__ import annotations

from typing import Any

from connectors.simulator.rules import Refusal

TITLES = {400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 429: "Too Many Requests", 500: "Internal Server Error"}
SECTIONS = {400: "4.1", 401: "4.2", 403: "4.4", 404: "4.5", 429: "4", 500: "5.1", 503: "5.4"}
WHERE = {"q": "o:errorQueryParam", "limit": "o:errorQueryParam", "offset": "o:errorQueryParam", "Prefer": "o:errorHeader"}
"""What a refusal may be about, where it is no field."""
INVALID_LOGIN = (
    "Invalid login attempt. For more details, see the Login Audit Trail in the NetSuite UI at Setup > Users/Roles > User Management > "
    "View Login Audit Trail."
)


def envelope(refusal: Refusal) -> dict[str, Any]:
    """A refusal as the body of an answer."""
    detail = {"detail": refusal.text, "o:errorCode": refusal.code}
    if refusal.field:
        detail[WHERE.get(refusal.field, "o:errorPath")] = refusal.field
    return {
        "type": f"https://www.w3.org/Protocols/rfc2616/rfc2616-sec10.html#sec10.{SECTIONS.get(refusal.status, '4.1')}",
        "title": TITLES.get(refusal.status, "Bad Request"), "status": refusal.status, "o:errorDetails": [detail],
    }  # fmt: skip
