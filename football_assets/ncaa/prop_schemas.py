"""How often the chances of player props came true."""

from football_assets.tables import Real, Table, Text, Whole, column


class PropCalibration(Table, domain="ncaa", key=("stat_type", "bucket")):
    """One row per stat and tenth of the chance of over: how often it came true in a season not learned from."""

    stat_type: Text = column("What is projected")
    bucket: Whole = column("Tenth of the chance of over: 0 is 0 to 10 %", ge=0, le=9)
    season: Whole = column("Season that was projected by models of the seasons before it")
    graded: Whole = column("Player-games whose chance fell into the tenth", ge=1)
    said: Real = column("Mean chance of over that was said", ge=0, le=1)
    observed: Real = column("Share in which it came true", ge=0, le=1)
    made_of: Text = column("Digest of the seasons and of the code that it rests on")
