"""Reading ahead what the first visitors will ask for."""

import asyncio
from typing import Any

from football_assets.rooms import installed
from football_assets.serving.problems import Problem
from football_assets.serving.services import Services
from football_assets.tables import Table


async def warm(services: Services) -> dict[str, Any]:
    """Bring the tables that most answers need into memory: how many, and the rows of each."""
    return await asyncio.to_thread(_warm, services)


def _warm(services: Services) -> dict[str, Any]:
    rows: dict[str, int] = {}
    for domain in installed():
        for table in _wanted(domain):
            try:
                rows[table.sql_name()] = len(services.published.view(domain, table)[table])
            except Problem:
                continue
        if domain == "ncaa":
            from football_assets.serving.players import TABLES, directory

            try:
                directory(services.published, services.published.view("ncaa", *TABLES))
            except Problem:
                continue
    return {"warmed": len(rows), "tables": rows}


def _wanted(domain: str) -> list[type[Table]]:
    if domain == "soccer":
        from football_assets.soccer.schemas import FlattenedMatches, Incidents, MatchBoard, MatchStats

        return [FlattenedMatches, Incidents, MatchBoard, MatchStats]
    from football_assets.ncaa.ledger_schemas import GamePredictions
    from football_assets.ncaa.schemas import Games, PlayerStats, TeamRecords
    from football_assets.ncaa.season_schemas import Rankings, Teams

    return [Games, GamePredictions, PlayerStats, TeamRecords, Teams, Rankings]
