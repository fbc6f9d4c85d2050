"""A backtest as a page: figures of both families beside Elo and the lines, by season, calibration, and the search."""

import numpy as np
import pandas as pd

from football_assets.ncaa import plots
from football_assets.ncaa.backtest import Backtest
from football_assets.ncaa.game_model import FAMILY
from football_assets.ncaa.gate import Score, calibration, score
from football_assets.ncaa.market_model import MARKET_FAMILY

PICTURES = {"calibration.png": "calibration of the win probability", "misses-by-week.png": "misses by week"}

SEARCH = (
    "Inputs, ratings and penalties were chosen on the seasons 2014-2020, about 380 variants. The figures of 2021-2024 "
    "were calculated three times on the way to these models, and one later choice knew them; docs/ncaa-model.md tells "
    "all of it."
)


def report(found: Backtest, lines: pd.DataFrame, seasons: range, source: str) -> str:
    """The page in Markdown. `lines`: the betting lines, for the baselines."""
    span = f"{seasons[0]}-{seasons[-1]}"
    parts = [
        f"# College football backtest {span}\n",
        f"World: {source}. FBS-v-FBS games with a closing spread; every prediction comes from games that were over "
        "before the first kickoff of its week.\n",
        f"Gate: {'passed' if found.decision.publish else 'FAILED'}: {found.decision.why}.\n",
        SEARCH + "\n",
        "## Figures on the games that all have\n",
        _scores(found.scores),
        _lines(found, lines),
        "\n## All games of each family\n",
        _families(found),
        "\n## By season\n",
        _by_season(found),
    ]
    parts += [f"\n![{title}]({file})" for file, title in PICTURES.items()]
    for name, rows in _of_families(found).items():
        parts += [f"\n## Calibration of {name}, tenths of the games\n", _calibration(rows)]
    return "\n".join(parts) + "\n"


def pictures(found: Backtest) -> dict[str, bytes]:
    """The pictures that the page shows, as PNG by file name."""
    told = _of_families(found)
    drawn = (plots.calibration(told), plots.misses_by_week(told))
    return dict(zip(PICTURES, drawn, strict=True))


def _of_families(found: Backtest) -> dict[str, pd.DataFrame]:
    rows = {name: found.judged.get(name, pd.DataFrame()) for name in (FAMILY, MARKET_FAMILY)}
    return {name: each for name, each in rows.items() if len(each)}


HEAD = (
    "| | games | MAE | Brier | log loss | worst tenth | 80 % of margins | MAE of totals | 80 % of totals |\n"
    "|---|---|---|---|---|---|---|---|---|"
)


def _row(name: str, figures: Score) -> str:
    numbers = (
        f"{figures.mae:.3f} | {figures.brier:.4f} | {figures.log_loss:.4f} | {figures.calibration_gap:.3f} | "
        f"{figures.margin_coverage:.1%} | {figures.total_mae:.3f} | {figures.total_coverage:.1%}"
    )
    return f"| {name} | {figures.games} | {numbers} |" if figures.games else f"| {name} | 0 | | | | | | | |"


def _scores(scores: dict[str, Score]) -> str:
    return "\n".join([HEAD, *(_row(name, each) for name, each in scores.items())])


def _families(found: Backtest) -> str:
    return "\n".join([HEAD, *(_row(name, score(each)) for name, each in _of_families(found).items())])


def _lines(found: Backtest, lines: pd.DataFrame) -> str:
    """The lines on the games of the market family, which all have an opening line; of all games without any."""
    rows = found.judged.get("market_aware", pd.DataFrame())
    rows = rows if len(rows) else found.judged["no_market"]
    medians = lines.groupby("game_id")[["spread_open", "spread"]].median()
    both = rows.merge(medians, on="game_id")
    told = []
    for name, column in (("opening line", "spread_open"), ("closing line", "spread")):
        quoted = both[both[column].notna()]
        if len(quoted):
            miss = float((quoted["margin"].astype("float64") + quoted[column]).abs().mean())
            told.append(f"| {name} | {len(quoted)} | {miss:.3f} |")
    return "\n".join(["\n| line | games | MAE |\n|---|---|---|", *told])


def _by_season(found: Backtest) -> str:
    rows = ["| season | family | games | MAE | Brier |\n|---|---|---|---|---|"]
    for season, scores in found.by_season.items():
        rows += [
            f"| {season} | {name} | {each.games} | {each.mae:.3f} | {each.brier:.4f} |"
            for name, each in scores.items()
            if each.games
        ]
    return "\n".join(rows)


def _calibration(rows: pd.DataFrame) -> str:
    table = calibration(rows)
    told = ["| games | predicted | observed |\n|---|---|---|"]
    told += [
        f"| {int(games)} | {predicted:.3f} | {observed:.3f} |"
        for games, predicted, observed in table.itertuples(index=False)
        if not np.isnan(predicted)
    ]
    return "\n".join(told)
