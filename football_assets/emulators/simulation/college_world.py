"""The fictional map of college football: conferences, colleges, venues and the words their names are made of.

The map is the same in every simulated world; seeds change strengths, rosters and games, never who exists. Colleges and
cities are invented, states are real and give the coordinates.
"""

from dataclasses import dataclass
from functools import cache
from random import Random

from football_assets.emulators.sources import Row

INDEPENDENTS = "FBS Independents"


def _words(text: str) -> list[str]:
    return text.split()


PLACES = _words(
    """
    Ashmere Brackwater Calder Dunmorrow Ellisfield Farrowgate Glenhollow Hartsmere Ironvale Jessamine Kestrel
    Lorimer Marrowstone Northaven Oakhurst Penhallow Quillon Ravenscar Saltmarsh Thornbury Umberland Vantage
    Wexcombe Yarrow Zephyr Alderbrook Birchmont Copperline Drumlin Eastwick Foxhollow Granby Hollisport
    Inverlake Juniper Kingsreach Larkspur Millrace Nettlefield Orchard Pemberly Quarrytown Rushford Stonewick
    Tamarack Underhill Verdigris Westmarch Yellowpine Amberly Bellweather Cinderford Dovecote Everline Fairmoor
    Goldenrod Highcastle Islebrook Jasper Knollwood Lanternhill Moonridge Newbarrow Ottervale Pinecrest Quailrun
    Redfern Silverton Tidewell Uplands Violet Windermoor Yewdale Archer Bramble Cloverdale Dunwich Embercreek
    Flintlock Whinmoor Harrowgate Ivywood Jadeport Kittering Longmeadow Mossbank Nightingale Osprey
    """
)

MASCOTS = _words(
    """
    Lanterns Ferrymen Herons Millers Stonecutters Otters Lamplighters Gales Foxhounds Coopers Bargemen Kestrels
    Thunderers Orchardmen Bison Salamanders Wayfarers Badgerhounds Ironclads Harriers Muskrats Signalmen Tanners
    Nighthawks Quarriers Beavertails Drovers Sandpipers Chimneysweeps Glassblowers Wolverhounds Mariners Elks
    Ropewalkers Sturgeons Beekeepers Condors Smiths Marmots Pikemen Lynxes Weavers Prospectors Cranes
    """
)

FIRST_NAMES = _words(
    """
    Aaron Adrian Alonzo Andre Austin Beau Brandon Bryce Caleb Cameron Carter Cedric Chase Colton Corey Dallas
    Damon Darius Dawson Deion Derrick Devin Dominic Drew Eli Elijah Emmett Ethan Ezra Felix Gavin Graham Grant
    Hayden Hudson Isaac Isaiah Jace Jalen Jamal Jared Jaxon Jeremiah Jonah Jordan Josiah Julian Kaden Keegan
    Kendrick Kyle Landon Leon Levi Logan Luca Malik Marcus Mason Micah Miles Nate Nico Noah Omar Owen Parker
    Preston Quentin Reed Rhys Rodney Rowan Ryder Samuel Seth Silas Spencer Tanner Terrell Theo Tobias Travis
    Trent Tyrell Victor Vincent Wade Wesley Xavier Zane
    """
)

LAST_NAMES = _words(
    """
    Abernathy Ainsley Alcott Ballard Barlow Beckwith Blackwood Bonner Bradshaw Brightwell Calloway Carver
    Chandler Clearwater Colfax Corbin Crandall Crosswell Dalton Darby Delacroix Denholm Dillard Drummond
    Easterly Eastman Ellery Fairbanks Falconer Farnsworth Fenwick Fielder Gaines Garrison Gentry Gladwell
    Goodwin Grady Hadley Halloran Harkness Hathaway Hawthorne Hollis Holloway Huxley Ingram Irving Jarrett
    Jennings Keaton Kimball Kirkland Lancaster Langford Latham Lockwood Maddox Mallory Marlowe Mayfield Merrick
    Montague Nash Neville Norwood Oakley Okafor Ormond Paxton Pemberton Prescott Quincy Radcliffe Ramsey Redmond
    Ridley Rutledge Sandoval Shepard Sinclair Stanton Sterling Sutton Tate Thorne Tillman Trujillo Underwood
    Vance Vaughn Waverly Weatherby Whitaker Winslow Wolcott Yardley Yates Youngblood
    """
)

# State: latitude, longitude, time zone, usual elevation in metres.
STATES: dict[str, tuple[float, float, str, int]] = {
    "AL": (32.8, -86.8, "America/Chicago", 110),
    "AR": (34.9, -92.4, "America/Chicago", 140),
    "CA": (37.2, -119.6, "America/Los_Angeles", 60),
    "CO": (39.6, -105.1, "America/Denver", 1600),
    "GA": (32.9, -83.5, "America/New_York", 180),
    "IA": (42.0, -93.5, "America/Chicago", 290),
    "ID": (43.6, -114.9, "America/Boise", 820),
    "IL": (40.1, -89.2, "America/Chicago", 200),
    "IN": (40.0, -86.2, "America/New_York", 230),
    "KS": (38.5, -97.3, "America/Chicago", 400),
    "MA": (42.3, -71.9, "America/New_York", 90),
    "ME": (44.9, -69.3, "America/New_York", 60),
    "MI": (43.0, -84.6, "America/New_York", 250),
    "MN": (45.3, -94.2, "America/Chicago", 320),
    "MO": (38.4, -92.5, "America/Chicago", 240),
    "MS": (32.8, -89.7, "America/Chicago", 100),
    "MT": (46.6, -110.2, "America/Denver", 1100),
    "NC": (35.5, -79.4, "America/New_York", 150),
    "NE": (41.0, -97.9, "America/Chicago", 420),
    "NV": (39.4, -118.7, "America/Los_Angeles", 1300),
    "NY": (42.8, -75.6, "America/New_York", 160),
    "OH": (40.2, -82.8, "America/New_York", 260),
    "OK": (35.5, -97.3, "America/Chicago", 350),
    "OR": (44.2, -122.6, "America/Los_Angeles", 110),
    "PA": (40.8, -77.6, "America/New_York", 300),
    "SC": (33.9, -80.8, "America/New_York", 90),
    "TN": (35.8, -86.4, "America/Chicago", 190),
    "TX": (31.4, -97.8, "America/Chicago", 200),
    "UT": (40.4, -111.7, "America/Denver", 1400),
    "VA": (37.7, -78.4, "America/New_York", 140),
    "WA": (47.3, -121.2, "America/Los_Angeles", 120),
    "WI": (43.9, -89.6, "America/Chicago", 270),
}


@dataclass(frozen=True, slots=True)
class Conference:
    """A league: its size, home states and how strong its teams are on average, in points against an average team."""

    conference_id: int
    name: str
    short_name: str
    abbreviation: str
    classification: str
    members: int
    level: float
    states: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Venue:
    """A stadium and where it stands."""

    venue_id: int
    name: str
    city: str
    state: str
    zip_code: str
    timezone: str
    latitude: float
    longitude: float
    elevation: str
    capacity: int
    built: int
    grass: bool
    dome: bool


@dataclass(frozen=True, slots=True)
class College:
    """A team of the map. `level` is its lasting strength in points, before the seed adds its own."""

    team_id: int
    school: str
    mascot: str
    abbreviation: str
    conference: Conference
    venue: Venue
    color: str
    alternate_color: str

    @property
    def fbs(self) -> bool:
        """Whether it plays in the top division."""
        return self.conference.classification == "fbs"


CONFERENCES = (
    Conference(901, "Continental", "Continental Conference", "CON", "fbs", 14, 7.0, ("OH", "MI", "PA", "IN", "WI")),
    Conference(902, "Magnolia", "Magnolia Conference", "MAG", "fbs", 14, 5.5, ("GA", "AL", "SC", "TN", "MS")),
    Conference(903, "Plains Union", "Plains Union Conference", "PLU", "fbs", 12, 0.5, ("KS", "OK", "NE", "IA", "TX")),
    Conference(904, "Granite Coast", "Granite Coast League", "GCL", "fbs", 12, -4.5, ("NY", "VA", "NC", "MA")),
    Conference(905, "High Sierra", "High Sierra Conference", "HSC", "fbs", 10, -7.5, ("CA", "NV", "UT", "CO", "OR")),
    Conference(906, INDEPENDENTS, INDEPENDENTS, "Ind", "fbs", 2, -1.0, ("IL", "MO")),
    Conference(911, "Timberline", "Timberline Conference", "TBL", "fcs", 12, -20.0, ("MT", "ID", "WA", "MN")),
    Conference(912, "Old Post Road", "Old Post Road League", "OPR", "fcs", 12, -25.0, ("ME", "PA", "VA", "AR")),
)

# Sites of championship games, bowls and a few openers: name, city, state, capacity, dome.
NEUTRAL_SITES = (
    ("Meridian Dome", "Port Meridian", "GA", 71000, True),
    ("Lakefront Field", "Carrow Bay", "IL", 61500, False),
    ("Sunstone Stadium", "Sunstone", "NV", 65000, True),
    ("Palmetto Bowl", "Cape Linden", "SC", 62000, False),
    ("Lone Prairie Stadium", "Prairie Cross", "TX", 80000, True),
    ("Golden Bay Stadium", "Golden Bay", "CA", 68500, False),
    ("Cotton Row Park", "Wyndham Landing", "TN", 58000, False),
    ("Redrock Arena", "Redrock Springs", "UT", 45000, False),
)

COLORS = ("#7a1f2b", "#12355b", "#1d5c3a", "#b4531a", "#4b2e83", "#0b6e75", "#8c6d1f", "#333f48", "#a3123f", "#2f6db5")


def dice(*parts: object) -> Random:
    """A random stream that belongs to `parts` alone, the same in every process."""
    return Random(":".join(map(str, parts)))


@cache
def colleges() -> tuple[College, ...]:
    """All 64 FBS and 24 FCS colleges, by conference."""
    found: list[College] = []
    for conference in CONFERENCES:
        for place in range(conference.members):
            found.append(_college(len(found), place, conference))
    return tuple(found)


@cache
def fbs_colleges() -> tuple[College, ...]:
    """The 64 colleges of the top division."""
    return tuple(college for college in colleges() if college.fbs)


@cache
def neutral_venues() -> tuple[Venue, ...]:
    """Stadiums that belong to no college."""
    return tuple(
        _venue(9900 + i, name, city, state, capacity, dome, dice("site", i))
        for i, (name, city, state, capacity, dome) in enumerate(NEUTRAL_SITES)
    )


def venue_rows() -> list[Row]:
    """`/venues`: every stadium, as Venue rows."""
    return [venue_row(college.venue) for college in colleges()] + [venue_row(venue) for venue in neutral_venues()]


def conference_rows() -> list[Row]:
    """`/conferences`, as Conference rows."""
    return [
        {
            "id": conference.conference_id,
            "name": conference.name,
            "shortName": conference.short_name,
            "abbreviation": conference.abbreviation,
            "classification": conference.classification,
        }
        for conference in CONFERENCES
    ]


def team_row(college: College) -> Row:
    """One Team row with its venue."""
    return {
        "id": college.team_id,
        "school": college.school,
        "mascot": college.mascot,
        "abbreviation": college.abbreviation,
        "alternateNames": [college.abbreviation, college.school],
        "conference": college.conference.name,
        "division": None,
        "classification": college.conference.classification,
        "color": college.color,
        "alternateColor": college.alternate_color,
        "logos": [],
        "twitter": None,
        "location": venue_row(college.venue),
    }


def venue_row(venue: Venue) -> Row:
    """One Venue row; the elevation is metres in a string, as the API has it."""
    return {
        "id": venue.venue_id,
        "name": venue.name,
        "city": venue.city,
        "state": venue.state,
        "zip": venue.zip_code,
        "countryCode": "US",
        "timezone": venue.timezone,
        "latitude": venue.latitude,
        "longitude": venue.longitude,
        "elevation": venue.elevation,
        "capacity": venue.capacity,
        "constructionYear": venue.built,
        "grass": venue.grass,
        "dome": venue.dome,
    }


def _college(number: int, place: int, conference: Conference) -> College:
    rng = dice("college", number)
    city = PLACES[number]
    state = conference.states[place % len(conference.states)]
    fbs = conference.classification == "fbs"
    capacity = round((rng.uniform(24, 88) + 2.2 * conference.level) * 1000 if fbs else rng.uniform(6, 21) * 1000, -2)
    dome = fbs and number % 13 == 5
    name = f"{city} {'Dome' if dome else _stadium(number)}"
    venue = _venue(9000 + number, name, city, state, int(max(capacity, 22_000 if fbs else 6000)), dome, rng)
    return College(
        team_id=9000 + number,
        school=city + _suffix(number),
        mascot=MASCOTS[number % len(MASCOTS)],
        abbreviation=(city[:4] if _suffix(number) == "" else city[:3] + _suffix(number).strip()[0]).upper(),
        conference=conference,
        venue=venue,
        color=COLORS[number % len(COLORS)],
        alternate_color="#ffffff" if number % 3 else "#d9c27e",
    )


def _suffix(number: int) -> str:
    """What follows the place in the school's name; about half have nothing."""
    if number % 11 == 7:
        return " Tech"
    if number % 13 == 11:
        return " A&M"
    return " State" if number % 3 == 1 else ""


def _stadium(number: int) -> str:
    return ("Stadium", "Field", "Memorial Stadium", "Bowl")[number * 7 % 4]


def _venue(venue_id: int, name: str, city: str, state: str, capacity: int, dome: bool, rng: Random) -> Venue:
    latitude, longitude, timezone, elevation = STATES[state]
    return Venue(
        venue_id=venue_id,
        name=name,
        city=city,
        state=state,
        zip_code=f"{rng.randrange(10_000, 99_999)}",
        timezone=timezone,
        latitude=round(latitude + rng.uniform(-1.1, 1.1), 6),
        longitude=round(longitude + rng.uniform(-1.3, 1.3), 6),
        elevation=f"{max(2.0, elevation * rng.uniform(0.7, 1.3)):.4f}",
        capacity=capacity,
        built=rng.randrange(1908, 2019),
        grass=not dome and rng.random() < 0.5,
        dome=dome,
    )
