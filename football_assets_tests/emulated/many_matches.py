"""A source of as many matches as a test wants, alike and cheap: for counting requests, not for looking at."""

from football_assets.states import Source


class ManyMatches:
    """`total` matches of two teams, every other one of them in play."""

    label = Source.SIMULATED

    def __init__(self, total, at):
        self.default_at = at
        began = int(at.timestamp()) - 1800
        ids = [f"match{number:010d}" for number in range(total)]
        self._live = [
            {"id": each, "score": [each, 1 + number % 2, [0] * 7, [0] * 7, began if number % 2 else 0, ""]}
            for number, each in enumerate(ids)
        ]
        named = {"competition_id": "c", "home_team_id": "h", "away_team_id": "a", "match_time": began}
        self._recent = [{"id": each, "status_id": 2, "updated_at": began, **named} for each in ids]
        self._odds = {"2": {"eu": [[began, "1", 2.0, 3.4, 4.1, 2, 0, "0-0"]]}}
        self._named = {"team": [{"id": each, "name": each} for each in "ha"], "competition": [{"id": "c", "name": "c"}]}

    def live(self, at):
        return self._live

    def recent(self, at):
        return self._recent

    def odds(self, match_id, at):
        return self._odds

    def odds_changes(self, since, until):
        return {}

    def reference(self, kind, at):
        return [{"updated_at": 0, **row} for row in self._named.get(kind, [])]

    def knows(self, match_id):
        return True
