"""What two-class evidence cannot tell: related is not the same. A guarded pair goes to a person, whatever it scores.

Sister companies share address and switchboard, father and son a name and a house, twins a birthday. Each guard names the kind
of relation it suspects; registered numbers that agree waive those that go by names.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rapidfuzz.distance import Levenshtein

from hub.core.match.forms import Form
from hub.core.match.model import Model
from hub.core.match.ops import words_alike
from hub.core.match.scoring import Guard
from hub.core.match.spec import Feature
from hub.core.match.words import STATES, places, roles
from schema.comparing import MatchKind

SLIPS = 2
"""Edits by which two spellings of one number may differ."""


def guards(model: Model, a: Form, b: Form) -> tuple[Guard, ...]:
    """The reasons why this pair is no automatic merge; none when registered numbers agree and none differ."""
    found = [*_clients(model, a, b), *_identifiers(model, a, b)]
    if not found and agreeing(model, a, b):
        return ()
    for feature in model.spec.features:
        if feature.kind is MatchKind.ORGANISATION and feature is model.spec.features[0]:
            found.extend(_names(feature, a, b))
        elif feature.kind is MatchKind.TEXT:
            found.extend(_numbers(feature, a, b))
        elif feature.kind is MatchKind.PERSON:
            found.extend(_people(model, feature, a, b))
    return tuple(found)


def strong(model: Model, form: Form) -> list[str]:
    """Registered numbers of a form: ``scheme|country|number``; two things cannot share or exchange them."""
    return [one for feature in model.spec.features for one in form.get(f"{feature.name}_strong", ())]


def conflicts(a: Iterable[str], b: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Numbers of one scheme and country of which both have some and share none; slips of the pen apart."""
    by_scheme: dict[str, list[str]] = {}
    for one in a:
        scheme, _, number = one.rpartition("|")
        by_scheme.setdefault(scheme, []).append(number)
    others: dict[str, list[str]] = {}
    for one in b:
        scheme, _, number = one.rpartition("|")
        others.setdefault(scheme, []).append(number)
    for scheme, numbers in by_scheme.items():
        theirs = others.get(scheme)
        if theirs and not any(Levenshtein.distance(x, y, score_cutoff=SLIPS) <= SLIPS for x in numbers for y in theirs):
            yield f"{scheme}|{numbers[0]}", f"{scheme}|{theirs[0]}"


def agreeing(model: Model, a: Form, b: Form) -> bool:
    """Whether they share a tax number or another identifier."""
    for feature in model.spec.features:
        if feature.kind is MatchKind.TAX_ID or (feature.kind is MatchKind.IDENTIFIER and feature.inputs[0].scheme):
            x, y = a.get(f"{feature.name}_number"), b.get(f"{feature.name}_number")
            if x is not None and x == y:
                return True
    return False


def _identifiers(model: Model, a: Form, b: Form) -> Iterator[Guard]:
    for feature in model.spec.features:
        if feature.kind is not MatchKind.TAX_ID and not (feature.kind is MatchKind.IDENTIFIER and feature.inputs[0].scheme):
            continue
        x, y = a.get(f"{feature.name}_number"), b.get(f"{feature.name}_number")
        if x is None or y is None or set(a.get(f"{feature.name}_numbers", ())) & set(b.get(f"{feature.name}_numbers", ())):
            continue
        if Levenshtein.distance(x, y, score_cutoff=SLIPS) > SLIPS:
            yield Guard("identifiers", f"{feature.name} differs: {x}, {y}")


def _clients(model: Model, a: Form, b: Form) -> Iterator[Guard]:
    """Who changed employer is a new contact, and a project code may come twice; or the two clients are one, which a person sees."""
    for feature in model.spec.of_kind(MatchKind.REFERENCE):
        x, y = a.get(f"{feature.name}_id"), b.get(f"{feature.name}_id")
        if feature.inputs[0].target == "client" and x and y and x != y:
            yield Guard("client", "they belong to two clients")


def _names(feature: Feature, a: Form, b: Form) -> Iterator[Guard]:
    x, y = a.get(f"{feature.name}_tokens"), b.get(f"{feature.name}_tokens")
    if not x or not y or a.get(f"{feature.name}_tight") == b.get(f"{feature.name}_tight"):
        return
    left = left_over(x, y)
    telling = [word for word in left if is_telling(word)]
    if telling:
        yield Guard("distinguishing", f"only one says {', '.join(telling)}")


def left_over(a: list[str], b: list[str]) -> list[str]:
    """Words of either name without a like one in the other."""
    only_a = [word for word in a if word not in b]
    only_b = [word for word in b if word not in a]
    alone = [x for x in only_a if not any(words_alike(x, y) for y in only_b)]
    return alone + [y for y in only_b if not any(words_alike(x, y) for x in only_a)]


def is_telling(word: str) -> bool:
    """Whether a word tells things apart: a role in a group, a place or a number."""
    return word in roles() or word in places() or word in STATES or any(map(str.isdigit, word))


def _numbers(feature: Feature, a: Form, b: Form) -> Iterator[Guard]:
    x, y = a.get(f"{feature.name}_marks"), b.get(f"{feature.name}_marks")
    if x and y and x != y and not set(x.split()) & set(y.split()):
        yield Guard("distinguishing", f"other numbers: {x}, {y}")


def _people(model: Model, feature: Feature, a: Form, b: Form) -> Iterator[Guard]:
    x, y = a.get(f"{feature.name}_suffix"), b.get(f"{feature.name}_suffix")
    if x and y and x != y:
        yield Guard("generation", f"{x} and {y}")
    if a.get(f"{feature.name}_family") != b.get(f"{feature.name}_family"):
        return
    first, second = a.get(f"{feature.name}_given"), b.get(f"{feature.name}_given")
    is_other = first and second and not _given_agree(feature, a, b)
    for day in model.spec.of_kind(MatchKind.DATE):
        born, other = a.get(f"{day.name}_day"), b.get(f"{day.name}_day")
        if born and other and is_other and born == other:
            yield Guard("given_name", f"same family and day, other given name: {first}, {second}")
        elif born and other and born[:4] != other[:4] and Levenshtein.distance(born, other) > SLIPS and born != b.get(f"{day.name}_swapped"):
            yield Guard("birth_date", f"{born} and {other}")


def _given_agree(feature: Feature, a: Form, b: Form) -> bool:
    name = feature.name
    first, second = a[f"{name}_given"], b[f"{name}_given"]
    return (
        words_alike(first, second)
        or first == second
        or a.get(f"{name}_nick") == b.get(f"{name}_nick")
        or first.startswith(second)
        or second.startswith(first)
        or Levenshtein.distance(first, second) <= SLIPS
    )
