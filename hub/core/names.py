"""Whether two names of firms or people are the same name: conservative, since a wrong yes merges sister companies."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from anyascii import anyascii
from cleanco import basename
from rapidfuzz import fuzz

from hub.core.countries import english_country_words

LIKENESS = 92.0
"""rapidfuzz ratio from which two cores are spellings of one name; below it sister companies begin to look alike."""

DISTINGUISHING = frozenset({
    "holding", "holdings", "group", "gruppe", "groupe", "international", "global", "worldwide", "europe", "european",
    "emea", "apac", "americas", "asia", "africa", "nordic", "uk", "usa", "us", "eu", "north", "south", "east", "west",
    "northern", "southern", "eastern", "western", "central", "capital", "ventures", "fund", "partners", "services",
    "service", "consulting", "advisory", "solutions", "systems", "technologies", "technology", "software", "digital",
    "energy", "finance", "financial", "leasing", "insurance", "bank", "properties", "estate", "logistics", "trading",
    "foundation", "trust", "school", "hospital", "phase", "stage", "lot", "wave", "part", "release", "pilot", "rollout",
    "support", "maintenance", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "first", "second", "third",
    "junior", "senior", "jr", "sr",
})  # fmt: skip
"""Words by which firms of one group, or parts of one project, tell each other apart; numbers and countries are too."""

_SINGULAR = {"holdings": "holding"}
_LINKING = frozenset({"and", "und", "et"})
_NOT_WORD = re.compile(r"[^a-z0-9]+")


@lru_cache(maxsize=65536)
def name_core(name: str) -> str:
    """A name without script, case, punctuation and legal form.

    >>> [name_core(name) for name in ("ACME Müller GmbH & Co. KG", "Acme Muller", "A.C.M.E. Holdings, Ltd.", "GmbH")]
    ['acme muller', 'acme muller', 'acme holding', 'gmbh']
    """
    folded = anyascii(name).casefold()
    folded = re.sub(r"\b((?:[a-z]\.){2,})", lambda dotted: dotted[0].replace(".", "") + " ", folded)
    core = folded
    for _ in range(3):  # "gmbh & co. kg" leaves in steps
        shorter = basename(core).strip(" ,.")
        if not shorter or shorter == core:
            break
        core = shorter
    words = [word for word in _NOT_WORD.split(core.replace("'", "")) if word and word not in _LINKING]
    if words[:1] == ["the"] and len(words) > 1:
        words = words[1:]
    return " ".join(_SINGULAR.get(word, word) for word in words) or _NOT_WORD.sub(" ", folded).strip()


@cache
def _country_words() -> frozenset[str]:
    return english_country_words()


@lru_cache(maxsize=65536)
def distinguishing(core: str) -> frozenset[str]:
    """The words of a core that tell sisters apart.

    >>> sorted(distinguishing("acme holding germany 2"))
    ['2', 'germany', 'holding']
    """
    return frozenset(
        word for word in core.split() if word in DISTINGUISHING or any(map(str.isdigit, word)) or word in _country_words()
    )


def names_agree(a: str, b: str) -> bool:
    """Whether two names are one: the same words in any order, or nearly the same letters and the same distinguishing words.

    >>> names_agree("Müller & Söhne GmbH", "Mueller und Soehne"), names_agree("Acme GmbH", "ACME Inc.")
    (True, True)
    >>> names_agree("ACME Ltd", "ACME Holdings Ltd"), names_agree("Rollout Phase 1", "Rollout Phase 2")
    (False, False)
    >>> names_agree("Northbeam Consulting Ltd", "Northbeem Consulting Limited")
    True
    """
    core_a, core_b = _without_umlauts(name_core(a)), _without_umlauts(name_core(b))
    if not core_a or not core_b:
        return False
    if core_a == core_b or frozenset(core_a.split()) == frozenset(core_b.split()):
        return True
    if distinguishing(core_a) != distinguishing(core_b):
        return False
    return fuzz.ratio(core_a, core_b) >= LIKENESS or fuzz.ratio(core_a.replace(" ", ""), core_b.replace(" ", "")) >= 97


def _without_umlauts(core: str) -> str:
    """"mueller" and "muller" are two ways to write Müller without its dots."""
    return re.sub(r"(?<=[aou])e", "", core)
