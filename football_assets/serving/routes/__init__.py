"""The routers, one a noun."""

from collections.abc import Sequence

from fastapi import APIRouter

from football_assets.providers import Domain


def routers(pipelines: Sequence[Domain]) -> list[APIRouter]:
    """The routers of what is installed."""
    from football_assets.serving.routes import alerts, cache, health, measures, pipeline, providers, stream

    found = [health.router, alerts.router, measures.router, pipeline.router, providers.router, cache.router]
    found.append(stream.router)
    if "soccer" in pipelines:
        from football_assets.serving.routes import fast_lane, soccer, soccer_changes, soccer_odds

        found += [soccer.router, soccer_odds.router, soccer_changes.router, fast_lane.router]
    if "ncaa" in pipelines:
        from football_assets.serving.routes import aliases, models, ncaaf, players, props

        found += [ncaaf.router, players.router, models.router, props.router]
        found += aliases.routers()
    return found
