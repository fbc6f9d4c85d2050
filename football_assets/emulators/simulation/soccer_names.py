"""Identifiers and invented names of the simulated soccer world.

Belongs here: how a number becomes a 15-character id and a seed becomes a word. Who bears the name does not.
"""

import hashlib
import random

ALPHABET = "0123456789deghjklmnopqrvwxyz"
ID_LENGTH = 15
_SPACE = len(ALPHABET) ** ID_LENGTH
_DIGIT = {character: value for value, character in enumerate(ALPHABET)}

# Ids are unique within one entity only, so entities share the space but are shifted against each other: the id of
# a team also is the id of some other competition, yet never of the one it plays in.
_SHIFT = {
    "match": 0,
    "country": 3,
    "category": 7,
    "competition": 11,
    "referee": 23,
    "team": 41,
    "venue": 97,
    "player": 131,
    "coach": 211,
    "season": 307,
    "stage": 401,
}

_ONSETS = (
    "b",
    "br",
    "c",
    "d",
    "dr",
    "f",
    "g",
    "gr",
    "h",
    "j",
    "k",
    "l",
    "m",
    "n",
    "p",
    "r",
    "s",
    "st",
    "t",
    "tr",
    "v",
    "z",
)
_NUCLEI = ("a", "e", "i", "o", "u", "ae", "ai", "ea", "io", "ou")
_CODAS = ("", "", "", "l", "m", "n", "r", "s", "th", "rn", "ld", "x")
_PLACE_ENDS = ("ford", "holm", "mere", "by", "stad", "wick", "dorf", "ova", "mar", "ton", "ara", "ino", "esk", "haven")
_CLUB_FORMS = (
    "{} Rovers",
    "{} Athletic",
    "{} United",
    "{} City",
    "{} Wanderers",
    "FC {}",
    "{} FC",
    "Sporting {}",
    "{} Rangers",
    "Real {}",
    "AC {}",
    "{} Union",
    "Dynamo {}",
    "{} Lanterns",
)
_GROUND_FORMS = ("{} Park", "{} Road", "Arena {}", "Stadion {}", "{} Meadow", "Estadio {}")
_METALS = (
    "Copper",
    "Silver",
    "Amber",
    "Crimson",
    "Indigo",
    "Ivory",
    "Jade",
    "Cobalt",
    "Saffron",
    "Onyx",
    "Coral",
    "Pewter",
)
_EMBLEMS = (
    "Lantern",
    "Heron",
    "Anchor",
    "Comet",
    "Acorn",
    "Griffin",
    "Compass",
    "Thistle",
    "Otter",
    "Beacon",
    "Kestrel",
    "Windmill",
    "Narwhal",
    "Juniper",
)


class Identifiers:
    """Numbers to opaque ids and back, by an affine permutation of the whole id space that depends on the seed."""

    def __init__(self, seed: int) -> None:
        rng = random.Random(f"{seed}/identifiers")
        # Prime to 28 = 2 * 2 * 7, so that it has an inverse; at least a third of the space, so that ids look unrelated.
        factor = rng.randrange(_SPACE // 3, _SPACE) | 1
        self._factor = factor if factor % 7 else factor + 2
        self._inverse = pow(self._factor, -1, _SPACE)
        self._offset = rng.randrange(_SPACE)

    def of(self, entity: str, number: int) -> str:
        """The id of the `number`-th `entity` (match, team, player, ...)."""
        value = ((number + _SHIFT[entity]) * self._factor + self._offset) % _SPACE
        characters = []
        for _ in range(ID_LENGTH):
            value, digit = divmod(value, len(ALPHABET))
            characters.append(ALPHABET[digit])
        return "".join(characters)

    def number(self, entity: str, identifier: str) -> int | None:
        """The number behind an id, or None for text that is no id at all.

        Any 15 characters of the alphabet have a number; whether it stands for something is the caller's question.
        """
        if len(identifier) != ID_LENGTH or not set(identifier) <= _DIGIT.keys():
            return None
        value: int = 0
        for character in reversed(identifier):
            value = value * len(ALPHABET) + _DIGIT[character]
        return int((value - self._offset) * self._inverse % _SPACE) - _SHIFT[entity]


def word(rng: random.Random, syllables: int) -> str:
    """A capitalised word nobody has heard before."""
    parts = [rng.choice(_ONSETS) + rng.choice(_NUCLEI) for _ in range(syllables)]
    return ("".join(parts) + rng.choice(_CODAS)).capitalize()


def place(rng: random.Random) -> str:
    """An invented town."""
    return word(rng, rng.choice((1, 2, 2))) + rng.choice(_PLACE_ENDS)


def person(rng: random.Random) -> str:
    """An invented person, given name and family name."""
    return f"{word(rng, 2)} {word(rng, rng.choice((2, 2, 3)))}"


def club(rng: random.Random, town: str) -> str:
    """A club of an invented town."""
    return rng.choice(_CLUB_FORMS).format(town)


def ground(rng: random.Random, town: str) -> str:
    """A ground in an invented town."""
    return rng.choice(_GROUND_FORMS).format(town)


def emblem(number: int) -> str:
    """What the `number`-th competition is called after; the first 168 differ."""
    # 12 metals and 14 emblems share the divisor 2: stepping the metal once a lap reaches every pair.
    lap = number // 84
    return f"{_METALS[(number + lap) % len(_METALS)]} {_EMBLEMS[number % len(_EMBLEMS)]}"


def picture(kind: str, text: str) -> str:
    """The address of a logo. The domain can never resolve, so showing it asks nobody."""
    digest = hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
    return f"https://img.simulation.invalid/football/{kind}/{digest}.png"
