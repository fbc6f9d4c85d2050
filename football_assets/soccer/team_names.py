"""Names of teams and competitions as different sources write them: their words, and how alike two of them are.

`Nott'm Forest` and `Nottingham Forest`, `Sheffield Weds` and `Sheffield Wednesday`, `Ath Madrid` and `Atlético Madrid`
are the same; `Barcelona` and `Barcelona B`, `Arsenal` and `Arsenal U21` never are.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import pairwise
from math import log

# What no decomposition of letters gives.
_LETTERS = str.maketrans(
    {"\u0131": "i", "ß": "ss", "ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th"}
)
_WORD = re.compile(r"[a-z0-9]+")
_AGE = re.compile(r"u\d{2}")
# Words that make another team of the same club, each by what it means.
MARKS = {
    **dict.fromkeys(("ii", "b", "2", "iib", "castilla", "reserve", "reserves", "res", "amateure", "am"), "second"),
    **dict.fromkeys(("iii", "3"), "third"),
    **dict.fromkeys(("w", "women", "womens", "ladies", "feminino", "femenino", "feminine", "frauen", "wfc"), "women"),
    **dict.fromkeys(("youth", "junior", "juniors", "primavera", "academy", "jong", "jugend"), "young"),
}
# Words of clubs that tell nothing apart: legal forms and the like, in the languages of the leagues that are kept.
FORMS = frozenset(
    re.findall(
        r"\w+",
        "fc afc cf sc ac as ss us sv tsv vfl vfb vfr tsg fsv ssv spvgg rc rcd cd ud sd ca kv ksc krc rsc kaa "
        "kas kvc rkc nk fk sk jk club clube calcio futbol football futebol de la le el the und of and ssc acf "
        "aj ogc ea stade royal koninklijke ",
    )
)


@dataclass(frozen=True)
class Name:
    """The words of a name that tell it apart, those that say little, and which team of the club it is."""

    words: tuple[str, ...]
    forms: tuple[str, ...]
    marks: frozenset[str]


@lru_cache(maxsize=8192)
def read(name: str) -> Name:
    """The parts of a name."""
    words: list[str] = []
    forms: list[str] = []
    marks: set[str] = set()
    for position, word in enumerate(plain(name)):
        if _AGE.fullmatch(word):
            marks.add("young")
        elif word in MARKS and position > 0:
            marks.add(MARKS[word])
        elif word in FORMS or word.isdigit():
            forms.append(word)
        else:
            words.append(word)
    return Name(tuple(words or forms), tuple(forms), frozenset(marks))


def same_name(one: str, other: str) -> bool:
    """Whether two names have the same words, legal forms aside, and mean the same team of the club."""
    first, second = read(one), read(other)
    return (first.words, first.marks) == (second.words, second.marks)


def plain(name: str) -> list[str]:
    """The words of a name in small unaccented letters; an apostrophe joins, everything else parts."""
    letters = unicodedata.normalize("NFKD", name.casefold().translate(_LETTERS))
    kept = "".join(each for each in letters if not unicodedata.combining(each) and each not in "'\u2019`.")
    return _WORD.findall(kept)


class Likeness:
    """How alike names are, words that many names of the same country hold counting less."""

    def __init__(self, names: Iterable[str]) -> None:
        found = {read(each).words for each in names}
        self._count = max(len(found), 1)
        self._with = Counter(word for words in found for word in set(words))

    def weight(self, word: str) -> float:
        """How much a word tells apart: 1 for one of a single name, less for `United`."""
        return log(1 + self._count / self._with.get(word, 1)) / log(1 + self._count)

    def __call__(self, one: str, other: str) -> float:
        """1 for the same words, 0 for nothing in common or for different teams of a club; `one` may be the shorter.

        What `one` says must be found in `other`; what `other` says more takes away less.
        """
        first, second = read(one), read(other)
        if first.marks != second.marks:
            return 0.0
        if first.words == second.words:
            return 1.0
        return self._words(first.words, second.words)

    def _words(self, first: tuple[str, ...], second: tuple[str, ...]) -> float:
        pairs = sorted(
            ((alike(a, b), n, m) for n, a in enumerate(first) for m, b in enumerate(second)),
            key=lambda pair: (-pair[0], pair[1], pair[2]),
        )
        found: dict[int, float] = {}
        taken: dict[int, float] = {}
        for score, n, m in pairs:
            if score > 0 and n not in found and m not in taken:
                found[n] = taken[m] = score
        said = _share([(self.weight(word), found.get(n, 0.0)) for n, word in enumerate(first)])
        answered = _share([(self.weight(word), taken.get(m, 0.0)) for m, word in enumerate(second)])
        joined = 0.9 * SequenceMatcher(None, "".join(first), "".join(second)).ratio()
        return max(0.7 * said + 0.3 * answered, joined if joined >= 0.8 else 0.0)


@lru_cache(maxsize=65536)
def alike(one: str, other: str) -> float:
    """How alike two words are: 1 the same, about 0.85 one the beginning or the letters of the other, else 0."""
    if one == other:
        return 1.0
    short, long = sorted((one, other), key=len)
    if len(short) >= 3 and long.startswith(short):
        return 0.92
    if len(short) >= 2 and short[0] == long[0] and len(short) <= 6 and _is_within(short, long):
        return 0.8 if len(short) >= 3 and short[-1] == long[-1] else 0.6
    ratio = SequenceMatcher(None, short, long).ratio()
    return 0.95 * ratio if ratio >= 0.8 else 0.0


def initials(name: str) -> str:
    """`Queens Park Rangers` is `qpr`."""
    return "".join(word[0] for word in plain(name))


def _is_within(short: str, long: str) -> bool:
    places = [0]
    for letter in short[1:]:
        at = long.find(letter, places[-1] + 1)
        if at < 0:
            return False
        places.append(at)
    return all(before < after for before, after in pairwise(places))


def _share(parts: list[tuple[float, float]]) -> float:
    whole = sum(weight for weight, _ in parts)
    return sum(weight * found for weight, found in parts) / whole if whole else 0.0
