"""Blocking keys: the hashes under which a record is found. Two records are compared when they share at least one.

Each feature gives keys that suffice alone (a rare word, a telephone) and halves that suffice in pairs (town and first word).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from hashlib import blake2b
from itertools import combinations
from struct import unpack

from hub.core.match.forms import Form
from hub.core.match.ops import EVEN, Rarity
from hub.core.match.spec import Feature, Spec
from schema.comparing import MatchKind

RARE_WORDS = 3
"""Words that are keys of their own, the rarest first."""

Keys = tuple[list[str], list[str]]
"""Texts that are keys alone, and halves of keys."""


def blocking_keys(spec: Spec, form: Form, frequencies: Mapping[str, Rarity]) -> tuple[int, ...]:
    """Signed 64-bit hashes, sorted. ``frequencies`` tell which words are rare (:attr:`Model.frequencies`)."""
    texts, entity = set(key_texts(spec, form, frequencies)), f"{spec.entity}\x1f"
    digests = [blake2b((entity + text).encode(), digest_size=8).digest() for text in texts]
    return tuple(sorted(unpack(f">{len(digests)}q", b"".join(digests))))  # all at once: a third faster than one by one


def hashed(entity: str, text: str) -> int:
    """A stable signed 64-bit hash.

    >>> hashed("client", "n:acme")
    8177499029271263697
    """
    return int.from_bytes(blake2b(f"{entity}\x1f{text}".encode(), digest_size=8).digest(), "big", signed=True)


def key_texts(spec: Spec, form: Form, frequencies: Mapping[str, Rarity]) -> list[str]:
    """The keys before hashing: what two records have in common when they meet."""
    texts: list[str] = []
    halves: list[list[str]] = []
    for feature, make, name in _steps(spec):
        alone, half = make(feature, form, frequencies)
        if alone:
            texts += [name + text for text in alone]
        if half:
            halves.append([name + text for text in half])
    for first, second in combinations(halves, 2):
        texts += [f"{x}&{y}" for x in first for y in second]
    return texts


def skeleton(word: str) -> str:
    """First letter and consonants, doubles once: what most slips of the pen leave alone.

    >>> skeleton("northbeam"), skeleton("northbeem"), skeleton("mueller") == skeleton("muller")
    ('nrtbm', 'nrtbm', True)
    """
    kept = word[:1]
    for letter in word[1:]:
        if letter not in "aeiouyhw" and letter != kept[-1]:
            kept += letter
    return kept


def rarest(words: list[str], rarity: Rarity) -> list[str]:
    """The words, rarest first; of equals the longer."""
    idf, unseen = rarity.idf.get, rarity.unseen
    return [word for _, _, word in sorted([(-idf(word, unseen), -len(word), word) for word in words])]


def _words(feature: Feature, form: Form, frequencies: Mapping[str, Rarity]) -> Keys:
    words = form.get(f"{feature.name}_tokens")
    if not words:
        return [], []
    tight = form[f"{feature.name}_tight"]
    order = rarest(words, frequencies.get(f"{feature.name}_tokens", EVEN))
    alone = [f"n:{one}" for one in {tight, *form.get(f"{feature.name}_known", ())}]
    alone += [f"w:{word}" for word in order[:RARE_WORDS]]
    alone += [f"s:{skeleton(word)}" for word in order[:2] if len(word) > 4]
    alone += ["p:" + "|".join(sorted(pair)) for pair in combinations(order[:4], 2)]
    if len(tight) >= 6:
        alone.append(f"b:{tight[:6]}")
    if len(words) > 2:
        alone.append("n:" + "".join(word[0] for word in words))
    return alone, [order[0][:6], tight[:4]]


def _person(feature: Feature, form: Form, frequencies: Mapping[str, Rarity]) -> Keys:
    given, family, name = form.get(f"{feature.name}_given"), form.get(f"{feature.name}_family"), feature.name
    alone: list[str] = []
    half: list[str] = []
    if given and family:
        alone = [f"b:{form[f'{name}_bag']}", f"k:{skeleton(family)}|{skeleton(form[f'{name}_nick'])}", f"i:{family}|{given[0]}", f"c:{given}|{family[:2]}"]
        alone.append(f"x:{'|'.join(sorted((given[:3], family[:3])))}")
    if family:
        half.append(family[:4])
    if given:
        half.append(given[:4])
    return alone, half


def _address(feature: Feature, form: Form, frequencies: Mapping[str, Rarity]) -> Keys:
    name = feature.name
    line, house, city, postcode = (form.get(f"{name}_{part}") for part in ("line", "house", "city", "postcode"))
    alone: list[str] = []
    half: list[str] = []
    if line and house:
        alone.append(f"h:{house}|{line[:6]}")
    if house and postcode:
        alone.append(f"z:{house}|{postcode}")
    if line and postcode:
        alone.append(f"l:{line[:6]}|{postcode}")
    if postcode:
        half.append(f"z{postcode}")
    if city:
        half.append(f"c{city[:5]}")
    return alone, half


def _phone(feature: Feature, form: Form, frequencies: Mapping[str, Rarity]) -> Keys:
    numbers = form.get(f"{feature.name}_numbers", ())
    return [f"t:{one}" for one in numbers] + [f"e:{one[-6:]}" for one in numbers] + [f"f:{one[:6]}" for one in numbers[:1]], []


def _email(feature: Feature, form: Form, frequencies: Mapping[str, Rarity]) -> Keys:
    address, local, host = (form.get(f"{feature.name}_{part}") for part in ("address", "local", "host"))
    alone = [f"a:{address}"] if address else []
    if local and len(local) > 3:
        alone += [f"l:{local}", f"m:{local[:4]}|{host[:4] if host else ''}"]
    return alone, [host[:6]] if host else []


def _website(feature: Feature, form: Form, frequencies: Mapping[str, Rarity]) -> Keys:
    stem = form.get(f"{feature.name}_stem")
    return ([f"d:{stem}", f"b:{stem[:7]}"], []) if stem else ([], [])


def _number(feature: Feature, form: Form, frequencies: Mapping[str, Rarity]) -> Keys:
    first = form.get(f"{feature.name}_number")
    if first is None:
        return [], []
    alone = [f"n:{one}" for one in form.get(f"{feature.name}_numbers", (first,))]
    if len(first) >= 7:
        alone += [f"b:{first[:6]}", f"e:{first[-6:]}"]
    return alone, []


def _date(feature: Feature, form: Form, frequencies: Mapping[str, Rarity]) -> Keys:
    day = form.get(f"{feature.name}_day")
    return ([f"d:{day}"], [day[:6], f"x{day[4:]}"]) if day else ([], [])


def _reference(feature: Feature, form: Form, frequencies: Mapping[str, Rarity]) -> Keys:
    one = form.get(f"{feature.name}_id")
    return ([], [one]) if one else ([], [])


_KEYS: Mapping[MatchKind, Callable[[Feature, Form, Mapping[str, Rarity]], Keys]] = {
    MatchKind.ORGANISATION: _words,
    MatchKind.TEXT: _words,
    MatchKind.PERSON: _person,
    MatchKind.ADDRESS: _address,
    MatchKind.PHONE: _phone,
    MatchKind.EMAIL: _email,
    MatchKind.WEBSITE: _website,
    MatchKind.TAX_ID: _number,
    MatchKind.IDENTIFIER: _number,
    MatchKind.DATE: _date,
    MatchKind.REFERENCE: _reference,
}


@lru_cache(maxsize=256)
def _steps(spec: Spec) -> tuple[tuple[Feature, Callable[[Feature, Form, Mapping[str, Rarity]], Keys], str], ...]:
    """The features that give keys, with what makes them and how they begin; looked up once, as members of an enum are slow keys."""
    return tuple((feature, _KEYS[feature.kind], f"{feature.name}:") for feature in spec.features if feature.kind in _KEYS)
