"""Pictures of the college models and tables, as Markdown with the picture inside: a person would rather look than read.

matplotlib is imported where it draws, draws without a display, and every figure is closed. Each function gives the
picture as PNG; `markdown` makes it fit for the metadata of an asset.
"""

import base64
import io
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from matplotlib.axes import Axes

INCHES = (6.0, 3.8)
DPI = 80
TENTHS = [tenth / 10 for tenth in range(11)]
FEWEST_GAMES = 20
SHOWN_FEATURES = 20
BLUE, ORANGE, GREY = "#1f6fb4", "#d9822b", "#8a8a8a"
PARTS = {"completeness": BLUE, "validity": "#3a9d5d", "consistency": ORANGE, "freshness": "#8e5ea2"}


def markdown(picture: bytes, title: str) -> str:
    """The picture as Markdown that carries it."""
    return f"![{title}](data:image/png;base64,{base64.b64encode(picture).decode()})"


def calibration(told: Mapping[str, pd.DataFrame]) -> bytes:
    """How often the home side won where it was given that chance, in tenths of the chance.

    `told`: family -> rows with `p_home` and `margin`, null where the game is open. A tenth of fewer than 20 games is
    left out; the bar is two standard errors.
    """

    def draw(axes: "Axes") -> None:
        axes.plot([0, 1], [0, 1], color=GREY, linewidth=1, linestyle="--", label="as told")
        for color, (family, frame) in zip((BLUE, ORANGE), told.items(), strict=False):
            points = tenths(frame)
            bars = 2 * np.sqrt(points["won"] * (1 - points["won"]) / points["games"])
            label = f"{family}, {int(points['games'].sum()):,} games"
            axes.errorbar(points["told"], points["won"], bars, color=color, marker="o", markersize=4, label=label)
        axes.set(xlabel="chance of the home side as told", ylabel="share of home wins", xlim=(0, 1), ylim=(0, 1))
        axes.legend(frameon=False, loc="upper left")

    return _drawn(draw, "Calibration of the win probability")


def tenths(frame: pd.DataFrame) -> pd.DataFrame:
    """Per tenth of `p_home`: mean chance told, share of home wins, games. A tie counts half."""
    known = frame.dropna(subset=["margin"])
    margin = known["margin"].astype("float64")
    won = (margin > 0) + 0.5 * (margin == 0)
    tenth = pd.cut(known["p_home"], TENTHS, labels=False, include_lowest=True)
    points = pd.DataFrame({"told": known["p_home"].astype("float64"), "won": won.astype("float64"), "tenth": tenth})
    found = points.groupby("tenth").agg(told=("told", "mean"), won=("won", "mean"), games=("won", "size"))
    return found[found["games"] >= FEWEST_GAMES]


def misses_by_week(told: Mapping[str, pd.DataFrame]) -> bytes:
    """The mean miss of the margin by week of the regular season, beside the betting line: over games that all tell.

    `told`: family -> rows with `game_id`, `week`, `season_type`, `margin`, `margin_mean` and `market_spread`.
    """
    shared = set.intersection(*(set(frame["game_id"]) for frame in told.values())) if told else set()

    def draw(axes: "Axes") -> None:
        for color, (family, frame) in zip((BLUE, ORANGE), told.items(), strict=False):
            compared = frame[frame["game_id"].isin(shared)]
            weeks = weekly_misses(compared, compared["margin_mean"])
            axes.plot(weeks.index, weeks, color=color, marker="o", markersize=4, label=family)
            if frame is list(told.values())[-1] and compared["market_spread"].notna().any():
                weeks = weekly_misses(compared, -compared["market_spread"])
                axes.plot(weeks.index, weeks, color=GREY, linestyle="--", label="betting line, where there is one")
        axes.set(xlabel="week of the regular season", ylabel="mean miss of the margin, points")
        if told:
            axes.legend(frameon=False)

    return _drawn(draw, "Misses by week")


def weekly_misses(frame: pd.DataFrame, expected: "pd.Series[float]") -> "pd.Series[float]":
    """Mean absolute miss of the margin by week; a week of fewer than 20 games is left out."""
    misses = (frame["margin"].astype("float64") - expected.astype("float64")).abs()
    known = pd.DataFrame({"week": frame["week"].astype("int64"), "miss": misses})[frame["season_type"] == "regular"]
    grouped = known.dropna().groupby("week")["miss"]
    found: pd.Series[float] = grouped.mean()[grouped.size() >= FEWEST_GAMES]
    return found


def weights_of(pipeline: Any, inputs: Sequence[str]) -> dict[str, float]:
    """What one standard deviation of each input adds to the forecast of a scaled ridge regression."""
    names = pipeline[:-1].get_feature_names_out(list(inputs))
    return {str(name): float(weight) for name, weight in zip(names, pipeline[-1].coef_, strict=True)}


def importance(weights: Mapping[str, float], unit: str) -> bytes:
    """What each input does to the forecast, the strongest 20. `unit` says what one of the `weights` means."""
    strongest = sorted(weights.items(), key=lambda pair: abs(pair[1]), reverse=True)[:SHOWN_FEATURES][::-1]

    def draw(axes: "Axes") -> None:
        values = [value for _, value in strongest]
        axes.barh([name for name, _ in strongest], values, color=[BLUE if value >= 0 else ORANGE for value in values])
        axes.axvline(0, color=GREY, linewidth=1)
        axes.set(xlabel=unit)
        axes.tick_params(axis="y", labelsize=7)

    return _drawn(draw, "What the forecast rests on", inches=(6.0, 4.8))


def quality(scores: Sequence[Mapping[str, Any]], least: float) -> bytes:
    """Score and parts of each table, worst on top. `scores`: rows with `table`, `score` and the parts, None unknown."""
    rows = sorted((row for row in scores if row["score"] is not None), key=lambda row: row["score"], reverse=True)

    def draw(axes: "Axes") -> None:
        names = [row["table"] for row in rows]
        axes.barh(names, [row["score"] for row in rows], color="#d8dee6", height=0.8, label="score")
        for step, (part, color) in enumerate(PARTS.items()):
            known = [(place, row[part]) for place, row in enumerate(rows) if row[part] is not None]
            places = [place + 0.24 - 0.16 * step for place, _ in known]
            axes.plot([v for _, v in known], places, "o", color=color, markersize=4, label=part, clip_on=False)
        axes.axvline(least, color="#b03030", linewidth=1, linestyle="--", label=f"least to be published, {least:g}")
        axes.set(xlim=(0, 1))
        axes.tick_params(axis="y", labelsize=7)
        axes.legend(frameon=False, fontsize=7, loc="upper left", bbox_to_anchor=(0.0, -0.1), ncols=3)

    return _drawn(draw, "Data quality by table, 0 to 1", inches=(6.0, 1.4 + 0.24 * max(len(rows), 3)))


def _drawn(draw: "Callable[[Axes], None]", title: str, inches: tuple[float, float] = INCHES) -> bytes:
    """The figure that `draw` fills, as PNG. No window, no state: the figure belongs to no backend's list."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=inches, dpi=DPI, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    draw(axes)
    axes.set_title(title, fontsize=10)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    out = io.BytesIO()
    figure.savefig(out, format="png")
    figure.clear()
    return out.getvalue()
