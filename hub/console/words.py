"""How values are shown: amounts, instants, names of things. Filters and functions of the templates."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from markupsafe import Markup, escape

from schema.kinds import minor_units

THIN = "\u202f"
"""Between groups of digits: narrow and never broken, so that no amount ends up on two lines."""


def amount(value: Any, currency: str | None = "") -> str:
    """An amount at its currency's minor units, digits in groups; what is no number stays as it is.

    >>> [" ".join(amount(*one).split()) for one in (("48210.5", "EUR"), ("-1200", "JPY"))]
    ['48 210.50 EUR', '−1 200 JPY']
    """
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return str(value)
    if not number.is_finite():
        return str(value)
    try:
        digits = minor_units(currency) if currency else max(-int(number.as_tuple().exponent), 0)
    except (KeyError, ValueError):
        digits = 2
    digits = max(digits, min(-int(number.normalize().as_tuple().exponent), 6))  # never hide what is there
    text = f"{abs(number):,.{digits}f}".replace(",", THIN)
    return ("\u2212" if number < 0 else "") + text + (f"\u00a0{currency}" if currency else "")


def money(value: Mapping[str, Any] | None) -> Markup:
    """``{"amount", "currency"}`` as aligned digits; empty for nothing."""
    if not value or value.get("amount") is None:
        return Markup('<span class="none">–</span>')
    is_negative = str(value["amount"]).startswith("-")
    return Markup('<span class="money{}">{}</span>').format(" negative" if is_negative else "", amount(value["amount"], value.get("currency")))


def moneys(values: Any) -> Markup:
    """Several amounts, one a currency; they are never added to each other."""
    shown = [money(one) for one in values or ()]
    return Markup(" ").join(shown) if shown else Markup('<span class="none">–</span>')


def who(actor: str | None, names: Mapping[str, str]) -> Markup:
    """Who did something: the person's name, with their key as a hint; a rule or a system as it calls itself.

    >>> who("steward:ann", {"steward:ann": "Ann <Miller>"}), who("match", {})
    (Markup('<span title="steward:ann">Ann &lt;Miller&gt;</span>'), Markup('match'))
    """
    name = names.get(actor or "")
    return Markup('<span title="{}">{}</span>').format(actor, name) if name else escape(actor or "")


def number(value: Any) -> str:
    """A count, digits in groups.

    >>> number(12345).replace(THIN, " ")
    '12 345'
    """
    return "" if value is None else f"{int(value):,}".replace(",", THIN)


def instant(value: Any) -> datetime | None:
    """An instant from text or as it is."""
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    try:
        return datetime.fromisoformat(str(value)) if value else None
    except ValueError:
        return None


def ago(value: Any, now: datetime) -> str:
    """How far away an instant is, in words.

    >>> from datetime import timedelta
    >>> at = datetime(2026, 5, 17, 12, tzinfo=UTC)
    >>> [ago(at + timedelta(hours=hours), at) for hours in (-49, -0.2, 0, 3)]
    ['2 days ago', '12 min ago', 'just now', 'in 3 h']
    """
    at = instant(value)
    if at is None:
        return ""
    seconds = (at - now).total_seconds()
    words = _length(abs(seconds))
    return words and (f"in {words}" if seconds > 0 else f"{words} ago") or "just now"


def _length(seconds: float) -> str:
    for size, name in ((86_400 * 365, "year"), (86_400 * 30, "month"), (86_400, "day"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            count = int(seconds // size)
            return f"{count} {name}{'s' if count > 1 and name in ('year', 'month', 'day') else ''}"
    return f"{int(seconds)} s" if seconds >= 10 else ""


def when(value: Any, now: datetime) -> Markup:
    """An instant as a relative time; the exact one shows on hover and is what the element says by itself."""
    at = instant(value)
    if at is None:
        return Markup('<span class="none">–</span>')
    exact = at.astimezone(UTC)
    return Markup('<time datetime="{}" title="{}">{}</time>').format(exact.isoformat(), exact.strftime("%a %d %b %Y, %H:%M:%S UTC"), ago(at, now))


def day(value: Any) -> Markup:
    """A calendar day."""
    if not value:
        return Markup('<span class="none">–</span>')
    given = value if isinstance(value, date) else date.fromisoformat(str(value)[:10])
    return Markup('<time datetime="{}">{}</time>').format(given.isoformat(), f"{given.day} {given:%b %Y}")


def label(name: Any) -> str:
    """A name of ours as people read it.

    >>> label("possible_duplicate"), label("legalName"), label("tax_id"), label("PSA")
    ('Possible duplicate', 'Legal name', 'Tax ID', 'PSA')
    """
    text = str(name or "")
    if text.isupper():
        return text
    spaced = "".join(f" {c.lower()}" if c.isupper() and i and not text[i - 1].isupper() else c for i, c in enumerate(text))
    words = spaced.replace("_", " ").split()
    shown = [KNOWN.get(word, word) for word in words]
    return " ".join(shown[:1] and [shown[0][:1].upper() + shown[0][1:], *shown[1:]])


def spoken(text: Any) -> str:
    """A sentence of ours with the names in it as people read them.

    >>> spoken("client.legal_name by hand"), spoken("Plan 7 of client")
    ('Client legal name by hand', 'Plan 7 of client')
    """
    return re.sub(r"\b([a-z_]+)\.([a-z_]+)\b", lambda found: f"{label(found[1])} {label(found[2])[:1].lower()}{label(found[2])[1:]}", str(text or ""))


KNOWN = {
    "id": "ID", "vat": "VAT", "lei": "LEI", "duns": "DUNS", "iban": "IBAN", "po": "PO", "crm": "CRM", "psa": "PSA", "erp": "ERP", "pmo": "PMO",
    "url": "URL", "csv": "CSV",
}  # fmt: skip


def shown(value: Any) -> Markup:
    """Any canonical value, for a cell: amounts aligned, lists and objects on lines, nothing as a dash.

    >>> str(shown({"value": "7.5", "unit": "hour"})), str(shown({})) == str(shown(None))
    ('7.5\u202fhour', True)
    """
    if value is None or value == "" or value == [] or value == {}:
        return Markup('<span class="none">–</span>')
    match value:
        case {"value": number, "unit": unit, **rest} if set(rest) <= {"stated"}:
            return escape(f"{number}{THIN}{unit}")
        case {"amount": number, "currency": currency, "per": unit} if unit:
            return escape(f"{amount(number, currency)}/{unit}")
        case bool():
            return escape("yes" if value else "no")
        case {"amount": _, **rest} if set(rest) <= {"currency"}:
            return money(value)
        case dict():
            return Markup("<br>").join(Markup('<span class="key">{}</span> {}').format(label(k), shown(v)) for k, v in value.items() if v is not None)
        case list() | tuple():
            return Markup("<br>").join(shown(one) for one in value)
    return escape(value)


def initials(name: str) -> str:
    """Two letters for somebody.

    >>> initials("Ada Lovelace"), initials("ops")
    ('AL', 'OP')
    """
    words = name.replace("@", " ").replace(".", " ").split()
    return ("".join(word[0] for word in words[:2]) if len(words) > 1 else name[:2]).upper()


def cut(text: Any, most: int = 80) -> Markup:
    """A long text with its whole in the title; isolated, so that right-to-left names do not turn the line around."""
    whole = str(text or "")
    short = whole if len(whole) <= most else whole[: most - 1].rstrip() + "…"
    return Markup('<bdi{}>{}</bdi>').format(Markup(' title="{}"').format(whole) if short != whole else "", short)


FILTERS = {
    "money": money, "moneys": moneys, "number": number, "day": day, "label": label, "shown": shown, "initials": initials, "cut": cut,
    "amount": amount, "spoken": spoken,
}  # fmt: skip
"""What templates know; ``when`` needs the clock and is a function there."""
