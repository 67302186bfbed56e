"""How alike two texts are, from 0 to 1: BM25 over trigrams of the one against the other, as a fraction of the one against itself."""

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Trigrams = Counter[str]

_K1, _B = 1.2, 0.75  # what SQLite's FTS5 uses
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, kw_only=True)
class Corpus:
    """What rarity is measured against. frequency: in how many of the `count` texts a trigram stands. average: trigrams of a text."""

    count: int
    average: float
    frequency: Mapping[str, int]

    def rarity(self, trigram: str) -> float:
        """Always above zero: in a small memory everything is common, and must count all the same."""
        stands = self.frequency.get(trigram, 0)
        return math.log(1 + (self.count - stands + 0.5) / (stands + 0.5))


def trigrams(text: str) -> Trigrams:
    """How often each three letters follow each other in the text's words, each word set off by blanks."""
    words = (f" {word} " for word in _WORD.findall(text.lower()))
    return Counter(word[at : at + 3] for word in words for at in range(len(word) - 2))


def corpus_of(texts: Sequence[Trigrams]) -> Corpus:
    """The corpus that these texts make; there is at least one."""
    frequency = Counter(trigram for text in texts for trigram in text)
    return Corpus(count=len(texts), average=max(1.0, sum(text.total() for text in texts) / len(texts)), frequency=frequency)


def likeness(query: Trigrams, text: Trigrams, corpus: Corpus) -> float:
    """BM25(query, text) / BM25(query, query), at most 1; 0 when the query says nothing."""
    itself = _bm25(query, query, corpus)
    return min(1.0, _bm25(query, text, corpus) / itself) if itself else 0.0


def _bm25(query: Trigrams, text: Trigrams, corpus: Corpus) -> float:
    length = _K1 * (1 - _B + _B * text.total() / corpus.average)
    return sum(corpus.rarity(t) * text[t] * (_K1 + 1) / (text[t] + length) for t in query if t in text)
