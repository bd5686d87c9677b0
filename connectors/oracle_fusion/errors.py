"""What Fusion says when it refuses: structured errors, messages with the code in brackets, faults of its SOAP services, and nothing at all.

Each becomes the plain form that the error table of the document reads: ``{"code", "message", "field"}``.
"""

from __future__ import annotations

import re
from typing import Any

from connectors.http import Answer
from connectors.wire import dump_json
from connectors.xml import Element, Envelope

_IN_TEXT = re.compile(r"\(([A-Z]{2,6}-\d+)\)|\b([A-Z]{2,6}-\d{4,})\b")
_MESSAGE = re.compile(r"<TEXT>(.*?)</TEXT>", re.DOTALL)


def plain(answer: Answer) -> Answer:
    """The answer with its error in plain form."""
    try:
        told = answer.json()
    except ValueError:
        told = None
    return told_plainly(answer, told if isinstance(told, dict) else {"title": answer.body.decode("utf-8", "replace")[:2000]})


def told_plainly(answer: Answer, told: dict[str, Any]) -> Answer:
    code, message, field = parts(told)
    return Answer(answer.status, answer.headers, dump_json({"code": code, "message": message, "field": field}))


def parts(told: dict[str, Any]) -> tuple[str, str, str]:
    """Code, message and field of an error: from its first detail that has them, then from the top, then from the text.

    >>> parts({"title": "Bad Request", "status": "400", "o:errorDetails": [{"detail": "Taken. (AR-855040)", "o:errorPath": "/TransactionNumber"}]})
    ('AR-855040', 'Taken. (AR-855040)', 'TransactionNumber')
    >>> parts({"code": "27024", "title": "Failed to validate a row"})[:2]
    ('JBO-27024', 'Failed to validate a row')
    """
    details = [one for one in told.get("o:errorDetails") or [] if isinstance(one, dict)]
    levels = [*details, told]
    message = next((str(one[key]) for one in levels for key in ("detail", "title") if one.get(key)), "")
    code = next((str(one[key]) for one in levels for key in ("o:errorCode", "code", "errorCode") if one.get(key)), "")
    path = next((str(one["o:errorPath"]) for one in levels if one.get("o:errorPath")), "")
    return _code(code) or code_in(message), message, path.strip("/").replace("/", ".")


def code_in(text: str) -> str:
    """
    >>> code_in("JBO-29140: malformed query"), code_in("no code here")
    ('JBO-29140', '')
    """
    found = _IN_TEXT.search(text)
    return (found[1] or found[2]) if found else ""


def _code(code: str) -> str:
    """Some pods leave out what the code begins with."""
    return f"JBO-{code}" if re.fullmatch(r"\d{5}", code) else code if re.fullmatch(r"[A-Z]{2,6}-\d+", code) else ""


def of_fault(answer: Answer, envelope: Envelope) -> Answer:
    """A SOAP fault in plain form. It is always answered as 500, and always a refusal: nothing was stored."""
    fault = envelope.fault
    assert fault is not None
    detail = fault.detail
    text = (detail.said("message") if detail is not None else "") or fault.reason
    inner = _MESSAGE.search(text)
    message = (inner[1] if inner else text).strip()
    errors = list(_attribute_errors(detail)) if detail is not None else []
    code = (detail.said("code") if detail is not None else "") or ""
    name, said = errors[0] if errors else ("", "")
    known = _code(code) or code_in(said or message) or code
    return Answer(400, answer.headers, dump_json({"code": known, "message": said or message, "field": name}))


def _attribute_errors(element: Element) -> list[tuple[str, str]]:
    """(attribute, message) of every error about one, however deep it lies."""
    found = [(element.said("attributeName"), element.said("message"))] if element.said("attributeName") else []
    for child in element.children:
        if child.name == "detail":
            found.extend(_attribute_errors(child))
    return found
