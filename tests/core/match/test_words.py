"""Words of two names: what is passed over quickly is never a spelling of the other."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hub.core.match.ops import Rarity, coverage, words_alike

WORDS = ("northbeam", "nortbeam", "orthbeam", "consult", "consulting", "novak", "nowak", "ovak", "phase1", "phase2", "abcd", "bacd", "smith", "müller")
RARITY = Rarity({"consulting": 130, "smith": 420}, 900)
word = st.sampled_from(WORDS) | st.text("abcdeno1", min_size=1, max_size=9)


@given(st.lists(word, max_size=5, unique=True), st.lists(word, max_size=5, unique=True))
def test_a_word_counts_where_the_other_name_has_it_or_a_spelling_of_it(a: list[str], b: list[str]) -> None:
    def found(these: list[str], those: list[str]) -> int:
        left = [one for one in those if one not in these]
        return sum(RARITY.of(x) for x in these if x in those or any(words_alike(x, y) for y in left))

    assert coverage(a, b, RARITY) == (found(a, b), found(b, a), sum(map(RARITY.of, a)), sum(map(RARITY.of, b)))
