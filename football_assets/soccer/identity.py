"""Which team of the results a team of the live feed is: joined by evidence, left for a person when it is not enough.

Only teams of leagues whose division is known are looked at. The evidence: the name among all names of the country, and
fixtures of both sources with the same kickoff and side. Two teams that may both be meant, a name that fits with
fixtures that do not, two feed teams that want the same team: all of these go to the review list. What a person decided
stands.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from operator import attrgetter

from football_assets.soccer.football_data import Division
from football_assets.soccer.team_names import MARKS, Likeness, initials, plain, read, same_name

LINKED, REVIEW, UNLINKED = "linked", "review", "no team"
NAME, FIXTURES, BOTH, PERSON = BASES = ("name", "shared fixtures", "name and shared fixtures", "a person")

# A name is enough when it fits so well and no other team's fits nearly as well.
NAME_FITS = 0.8
NAME_LEAD = 0.15
SAME_NAME = 0.99
# Worth showing to a person.
NAME_MAY_FIT = 0.45
# Fixtures are enough when so many are shared, nearly all that could be, and no other team shares nearly as many.
FEWEST_FIXTURES = 4
SHARED = 0.8
SHARED_LEAD = 0.25
# So many shared fixtures need no likeness of names.
SURE_FIXTURES = 10
NAME_HINTS = 0.25
# A linked team that shares so few of its fixtures is not that team.
CONTRADICTED = 0.3
# Teams of a competition with the names of one division's before it is taken for that division.
FEWEST_NAMESAKES = 4
NAMESAKES = 0.75
SHOWN = 3

_CONFIDENCE = {NAME: 0.9, FIXTURES: 0.97, BOTH: 0.99, PERSON: 1.0}
_SAME_NAME_CONFIDENCE = 0.98
# What people call the divisions, beside the site's own names; as words, the country's left out.
_ALIASES = {
    "E0": ("epl",),
    "E1": ("league championship", "football league championship", "efl championship"),
    "E2": ("football league one", "efl league one"),
    "E3": ("football league two", "efl league two"),
    "EC": ("football conference", "conference national", "vanarama national league", "national league premier"),
    "SC0": ("premier league",),
    "D1": ("bundesliga 1", "1 bundesliga"),
    "D2": ("bundesliga 2", "2nd bundesliga"),
    "SP1": ("laliga", "primera division", "liga"),
    "SP2": ("laliga 2", "la liga 2", "segunda division a"),
    "B1": ("first division a", "jupiler pro league", "jupiler league"),
    "P1": ("liga portugal", "primera liga", "liga"),
    "T1": ("super league", "superlig", "1 lig super"),
    "G1": ("super league 1", "super league greece"),
}
# Words for a country in the names of its competitions, beside its own name.
_OF_COUNTRY = {
    "England": ("english", "eng"),
    "Scotland": ("scottish", "sco"),
    "Germany": ("german", "ger", "deutsche"),
    "Italy": ("italian", "ita"),
    "Spain": ("spanish", "esp"),
    "France": ("french", "fra"),
    "Netherlands": ("dutch", "ned", "holland", "netherland"),
    "Belgium": ("belgian", "bel"),
    "Portugal": ("portuguese", "por"),
    "Turkey": ("turkish", "tur", "turkiye"),
    "Greece": ("greek", "gre"),
}


@dataclass(frozen=True, order=True)
class Fixture:
    """One match as one of its sides sees it."""

    kickoff_at: datetime
    is_home: bool


@dataclass(frozen=True)
class FeedTeam:
    """A team of the live feed in a league. `fixtures` are those of this league seen so far."""

    id: str
    name: str
    country: str
    competition_id: str
    competition: str
    fixtures: frozenset[Fixture] = frozenset()


@dataclass(frozen=True)
class HistoryTeam:
    """A team of the results, the division it played in last, and the fixtures of its newest season."""

    country: str
    name: str
    division: str
    fixtures: frozenset[Fixture] = frozenset()


@dataclass(frozen=True)
class Candidate:
    """A team of the results that may be meant; `name` 0 to 1 how alike the names are, `shared` fixtures of `of`."""

    team: HistoryTeam
    name: float
    shared: int = 0
    of: int = 0

    @property
    def share(self) -> float:
        """Shared fixtures of those that could be shared."""
        return self.shared / self.of if self.of else 0.0

    @property
    def strength(self) -> float:
        """What candidates are shown in the order of."""
        return max(self.name, self.share if self.of >= FEWEST_FIXTURES else 0.0)


@dataclass(frozen=True)
class Link:
    """What is known of a feed team's identity; `team` only when it is linked."""

    feed: FeedTeam
    state: str
    basis: str
    confidence: float
    team: HistoryTeam | None = None
    candidates: tuple[Candidate, ...] = ()
    shared: int = 0


@dataclass(frozen=True)
class Decisions:
    """What people decided: feed team id -> name accepted, and feed team id -> names rejected."""

    accepted: Mapping[str, str] = field(default_factory=dict)
    rejected: Mapping[str, Collection[str]] = field(default_factory=dict)


def division_of(competition: str, country: str, divisions: Iterable[Division]) -> Division | None:
    """The division that a league's name means; None when it means none or several, as with a second team's league."""
    words = _competition_words(competition, country)
    if _marked(words):
        return None
    found = [
        each
        for each in divisions
        if each.country == country
        and words in {_competition_words(name, country) for name in (each.name, *_ALIASES.get(each.code, ()))}
    ]
    return found[0] if len(found) == 1 else None


def divisions_of_competitions(
    feed: Iterable[FeedTeam], history: Iterable[HistoryTeam], divisions: Collection[Division]
) -> dict[str, Division]:
    """Competition id -> its division: by its name, else by the names of its teams."""
    by_code = {each.code: each for each in divisions}
    division_by_name: dict[tuple[str, tuple[str, ...]], str] = {}
    feed = sorted(feed, key=attrgetter("competition_id"))
    countries = {each.country for each in feed}
    for team in history:
        if team.country in countries and not read(team.name).marks:
            division_by_name[team.country, read(team.name).words] = team.division
    found = {}
    for competition_id, group in groupby(feed, attrgetter("competition_id")):
        teams = list(group)
        first = teams[0]
        named = division_of(first.competition, first.country, divisions)
        if named is None and not _marked(_competition_words(first.competition, first.country)):
            names = {read(team.name) for team in teams}
            codes = Counter(
                division_by_name.get((first.country, name.words)) if not name.marks else None for name in names
            )
            code, count = codes.most_common(1)[0]
            if code in by_code and count >= max(FEWEST_NAMESAKES, NAMESAKES * len(names)):
                named = by_code[code]
        if named is not None:
            found[competition_id] = named
    return found


def link_teams(
    feed: Sequence[FeedTeam],
    history: Sequence[HistoryTeam],
    divisions: Mapping[str, Division],
    decisions: Decisions | None = None,
    *,
    taken: Mapping[tuple[str, str], str] | None = None,
) -> list[Link]:
    """A link for each feed team of a competition in `divisions` (competition id -> division), in the order given.

    `taken`: (country, name) -> feed team id of links made before; nobody else gets them without a review.
    """
    decisions = decisions or Decisions()
    by_country: dict[str, list[HistoryTeam]] = defaultdict(list)
    for team in history:
        by_country[team.country].append(team)
    names = {country: [team.name for team in teams] for country, teams in by_country.items()}
    for each in feed:
        names.setdefault(each.country, []).append(each.name)
    likeness = {country: Likeness(found) for country, found in names.items()}
    links = [
        _link(each, by_country[each.country], likeness[each.country], divisions[each.competition_id], decisions)
        for each in feed
        if each.competition_id in divisions
    ]
    return _without_rivals(links, taken or {})


def _link(
    feed: FeedTeam, history: Sequence[HistoryTeam], likeness: Likeness, division: Division, decisions: Decisions
) -> Link:
    accepted = decisions.accepted.get(feed.id)
    for team in history:
        if team.name == accepted:
            return Link(feed, LINKED, PERSON, _CONFIDENCE[PERSON], team)
    rejected = decisions.rejected.get(feed.id, ())
    # A team that has changed its division since is recognised by the very same name alone.
    possible = [
        team
        for team in history
        if team.name not in rejected and (team.division == division.code or same_name(team.name, feed.name))
    ]
    # Only what both sources can have: from the first to the last fixture of the results' newest season.
    listed = [fixture.kickoff_at for team in possible for fixture in team.fixtures]
    first, last = min(listed, default=None), max(listed, default=None)
    could = frozenset(each for each in feed.fixtures if first and last and first <= each.kickoff_at <= last)
    found = [
        Candidate(team, _name(feed.name, team.name, likeness), len(could & team.fixtures), len(could))
        for team in possible
    ]
    found.sort(key=lambda each: (-each.strength, each.team.name))
    shown = tuple(each for each in found[:SHOWN] if each.strength >= NAME_MAY_FIT)
    by_name, by_fixtures = _by_name(found), _by_fixtures(found)
    best = by_fixtures or by_name
    if best is None:
        return Link(feed, REVIEW if shown else UNLINKED, NAME, 0.0, None, shown, len(could))
    both = by_name is not None and by_fixtures is not None
    basis = BOTH if both else FIXTURES if by_fixtures else NAME
    contradicted = by_fixtures is None and best.of >= FEWEST_FIXTURES and best.share <= CONTRADICTED
    if contradicted or (both and by_name != by_fixtures):
        return Link(feed, REVIEW, BOTH, 0.0, None, shown, len(could))
    same = basis == NAME and best.name >= SAME_NAME
    return Link(feed, LINKED, basis, _SAME_NAME_CONFIDENCE if same else _CONFIDENCE[basis], best.team, (), best.shared)


def _name(feed: str, history: str, likeness: Likeness) -> float:
    found = likeness(history, feed)
    if not found and initials(feed) == "".join(plain(history)) and not read(feed).marks:
        return NAME_FITS
    return found


def _by_name(found: Sequence[Candidate]) -> Candidate | None:
    """The candidate whose name is enough."""
    ordered = sorted(found, key=lambda each: -each.name)
    if not ordered or ordered[0].name < NAME_FITS:
        return None
    second = ordered[1].name if len(ordered) > 1 else 0.0
    return ordered[0] if ordered[0].name - second >= NAME_LEAD else None


def _by_fixtures(found: Sequence[Candidate]) -> Candidate | None:
    ordered = sorted(found, key=lambda each: -each.share)
    if not ordered or ordered[0].shared < FEWEST_FIXTURES or ordered[0].share < SHARED:
        return None
    best = ordered[0]
    second = ordered[1].share if len(ordered) > 1 else 0.0
    if best.share - second < SHARED_LEAD or (best.name < NAME_HINTS and best.shared < SURE_FIXTURES):
        return None
    return best


def _without_rivals(links: Sequence[Link], taken: Mapping[tuple[str, str], str]) -> list[Link]:
    """Links in which no team is wanted by two: the very same name keeps it, else all who want it go to review."""
    wanted: dict[tuple[str, str], dict[str, float]] = defaultdict(dict)
    for (country, name), feed_id in taken.items():
        wanted[country, name][feed_id] = SAME_NAME
    for link in links:
        if link.team is not None:
            wanted[link.team.country, link.team.name][link.feed.id] = link.confidence
    return [link if _keeps(link, wanted) else _to_review(link) for link in links]


def _keeps(link: Link, wanted: Mapping[tuple[str, str], Mapping[str, float]]) -> bool:
    if link.team is None:
        return True
    rivals = [c for feed_id, c in wanted[link.team.country, link.team.name].items() if feed_id != link.feed.id]
    return all(link.confidence >= _SAME_NAME_CONFIDENCE and link.confidence > each + 0.05 for each in rivals)


def _to_review(link: Link) -> Link:
    assert link.team is not None
    name = Candidate(link.team, link.confidence, link.shared, link.shared)
    return Link(link.feed, REVIEW, link.basis, 0.0, None, (name,), link.shared)


def _competition_words(name: str, country: str) -> tuple[str, ...]:
    own = {*plain(country), *_OF_COUNTRY.get(country, ())}
    return tuple(word for word in plain(name) if word not in own)


def _marked(words: Iterable[str]) -> bool:
    """Whether a competition is one of second teams, of the young or of women."""
    kept = [word for word in words if not word.isdigit() and word not in ("a", "b", "c", "ii", "iii", "am", "res")]
    return any(word in MARKS or (word[0] == "u" and word[1:].isdigit()) for word in kept)
