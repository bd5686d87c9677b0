"""Normal forms of names: organisations, people, free text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from anyascii import anyascii

from hub.core.match.legal_forms import legal_forms
from hub.core.match.words import (
    GENERATIONS, HONORIFICS, LAST_NUMERALS, LEGAL_PHRASES, LEGAL_WORDS, NICKNAMES, NUMERALS, SHORT, SOURCE_REMARKS, places, roles,
)  # fmt: skip

Part = str | list[str] | float
Parts = dict[str, Part]

_WORD = re.compile(r"[a-z0-9]+")
_APOSTROPHE = re.compile(r"['’`]")
_DOTTED = re.compile(r"\b(?:[a-z]\.){2,}[a-z]?\b\.?")
_ALSO = re.compile(r"\b(?:d\.?b\.?a\.?|d/b/a|t/a|trading as|formerly(?: known as)?|f/k/a|fka|a/k/a|aka|also known as)\b")
_REMARK = re.compile(r"[\s\-(\[*]+(?:" + "|".join(SOURCE_REMARKS) + r")[\s)\]*]*$")
_LETTERS_DIGITS = re.compile(r"(?<=[a-z]{3})(?=\d)|(?<=\d)(?=[a-z]{3})")
FIELD_LENGTHS = frozenset(length - blank for length in (32, 35, 40, 50, 60, 64, 80) for blank in (0, 1))
"""A name as long as name fields usually are may have been cut there, at a letter or before a blank."""
LINKING = frozenset({"and", "und", "et", "y", "e", "en", "the", "of", "de", "der", "die", "das", "for", "la", "le", "du", "des", "del", "di", "van", "von"})
"""Left out of the words that are compared, unless nothing else is left."""


def fold(text: str) -> str:
    """Without script, accents and case.

    >>> fold("MÜLLER & Søn")
    'muller & son'
    """
    return text.casefold() if text.isascii() else anyascii(text).casefold()


def words_of(folded: str) -> list[str]:
    """Its words; the dots of abbreviations and apostrophes leave no gap.

    >>> words_of("a.b.c. o'neill & sons")
    ['abc', 'oneill', 'and', 'sons']
    """
    if "." in folded:
        folded = _DOTTED.sub(lambda found: found[0].replace(".", "") + " ", folded)
    if "&" in folded:
        folded = folded.replace("&", " and ")
    if _APOSTROPHE.search(folded):
        folded = _APOSTROPHE.sub("", folded)
    return _WORD.findall(folded)


@lru_cache(maxsize=16384)
def standard(word: str) -> str:
    """One spelling for numerals and everyday short forms.

    >>> [standard(word) for word in ("ii", "intl", "acme")]
    ['2', 'international', 'acme']
    """
    short = SHORT.get(word, word)
    return NUMERALS.get(short) or SHORT.get(short, short)


def _without_form(words: list[str], forms: Iterable[str]) -> tuple[list[str], list[str]]:
    """The words of a name, and those of its legal form: at either end, written out, in short or cut anywhere."""
    kept, legal = list(words), [form for form in forms]
    while len(kept) > 1 and kept[-1] in LEGAL_WORDS:
        kept.pop()
    while len(kept) > 1:
        cut = _phrase_at_end(kept)
        if not cut or cut >= len(kept):
            break
        del kept[-cut:]
        while len(kept) > 1 and kept[-1] in LEGAL_WORDS:
            kept.pop()
    while len(kept) > 1 and kept[0] in LEGAL_WORDS:
        kept.pop(0)
    while len(kept) > 1 and kept[-1] in LINKING:
        kept.pop()
    return kept, legal


_PHRASES: dict[str, list[list[str]]] = {}
for _phrase in LEGAL_PHRASES:
    _PHRASES.setdefault(_phrase.split()[0], []).append(_phrase.split())


def _phrase_at_end(words: Sequence[str]) -> int:
    """How many last words begin a legal form that the end of the field cut, or write it out; 0 if none."""
    for at in range(max(0, len(words) - 6), len(words)):
        for phrase in _PHRASES.get(words[at], ()):
            tail = words[at:]
            if len(tail) <= len(phrase) and tail[:-1] == phrase[: len(tail) - 1] and phrase[len(tail) - 1].startswith(tail[-1]):
                return len(tail)
    return 0


@lru_cache(maxsize=65536)
def organisation_words(name: str) -> tuple[tuple[str, ...], str]:
    """The words of a name without legal form, and the legal form.

    >>> organisation_words("Müller & Söhne GmbH & Co. KG"), organisation_words("ACME HLDGS II, PRIVATE LIMI")
    ((('muller', 'sohne'), 'gmbhcokg'), (('acme', 'holding', '2'), ''))
    """
    folded = fold(name)
    folded = _REMARK.sub("", folded) or folded
    found = [(written, form) for _, written, form in legal_forms(folded) if written not in NUMERALS]
    bare = folded
    for written, _ in found:
        bare = re.sub(rf"(?<![a-z0-9]){re.escape(written)}(?![a-z0-9])", " ", bare)
    words = words_of(bare) or words_of(folded)
    kept, legal = _without_form(words, sorted({form for _, form in found}))
    return tuple(_standardised(kept)), " ".join(legal)


def _standardised(words: Sequence[str]) -> list[str]:
    told = [standard(word) for word in words if word not in LINKING] or list(words)
    if len(told) > 1 and told[-1] in LAST_NUMERALS:
        told[-1] = LAST_NUMERALS[told[-1]]
    return told


@lru_cache(maxsize=65536)
def _is_mark(word: str) -> bool:
    return word in roles() or word in places() or any(map(str.isdigit, word))


def organisation(names: Sequence[str]) -> Parts:
    """An organisation by its first name; the others are names it is known by too."""
    told = [part.strip() for name in names for part in _ALSO.split(name.casefold() if name.isascii() else name) if part.strip()]
    if not told:
        return {}
    words, legal = organisation_words(told[0])
    if not words:
        return {}
    parts = _text_parts(words)
    parts["flat"] = "".join(words_of(fold(told[0])))
    if len(names[0].strip()) in FIELD_LENGTHS:
        parts["cut"] = parts["flat"]
    if legal:
        parts["legal"] = legal
    if len(words) > 2:
        parts["initials"] = "".join(word[0] for word in words)
    if len(told) > 1:
        parts["known"] = sorted({"".join(organisation_words(name)[0]) for name in told} - {""})
    else:
        parts["known"] = [str(parts["tight"])]
    return parts


def _text_parts(words: Sequence[str]) -> Parts:
    unique = list(dict.fromkeys(words))
    return {
        "core": " ".join(words),
        "tight": "".join(words),
        "bag": " ".join(sorted(unique)),
        "tokens": unique,
        "marks": " ".join(sorted(word for word in unique if _is_mark(word))),
    }


def free_text(texts: Sequence[str]) -> Parts:
    """Any text by its words; only numbers distinguish."""
    words = _standardised([word for text in texts for word in words_of(_LETTERS_DIGITS.sub(" ", fold(text)))])
    if not words:
        return {}
    parts = _text_parts(words)
    parts["marks"] = " ".join(sorted(word for word in set(words) if any(map(str.isdigit, word))))
    return parts


def person(whole: Sequence[str], given: Sequence[str], family: Sequence[str]) -> Parts:
    """A person by given and family name; a whole name is split at its comma, else before its last word.

    >>> person(["Mr. Bob J. Smith jr"], [], [])
    {'given': 'bob j', 'nick': 'robert', 'family': 'smith', 'bag': 'bob j smith', 'suffix': 'jr'}
    """
    first, last, suffix = _name_words(given), _name_words(family), ""
    if whole and not (first and last):
        before, comma, after = fold(whole[0]).partition(",")
        if comma and after.strip() and after.strip() not in GENERATIONS:
            first, last = first or _name_words([after]), last or _name_words([before])
        else:
            words = _name_words([before])
            title = [word for word in words if word in GENERATIONS]
            words = [word for word in words if word not in GENERATIONS] or words
            first, last = first or words[:-1], last or [*words[-1:], *title]
    for names in (last, first):
        if len(names) > 1 and names[-1] in GENERATIONS:
            suffix = GENERATIONS[names.pop()]
    parts: Parts = {}
    if first:
        parts["given"] = " ".join(first)
        parts["nick"] = NICKNAMES.get(first[0], first[0])
    if last:
        parts["family"] = " ".join(last)
    if parts:
        parts["bag"] = " ".join(sorted({*first, *last}))
    if suffix:
        parts["suffix"] = suffix
    return parts


def _name_words(texts: Sequence[str]) -> list[str]:
    words = [word for text in texts for word in words_of(fold(text))]
    return [word for at, word in enumerate(words) if word not in HONORIFICS or (at and word in GENERATIONS)] or words
