"""Asking Dagster, through the GraphQL of its page, what ran and to run something. Dagster itself is not imported."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import aiohttp

from football_assets.ages import instant_of
from football_assets.serving.problems import Problem

LIMIT_S = 10.0
HOW_TO_START = "`football up` starts it; FOOTBALL_SERVING__DAGSTER_URL says where it is."

_RUNS = """
query Runs($filter: RunsFilter, $cursor: String, $limit: Int) {
  runsOrError(filter: $filter, cursor: $cursor, limit: $limit) {
    __typename
    ... on Runs { results { runId jobName status creationTime startTime endTime tags { key value } } }
    ... on Error { message }
  }
}
"""
_PLACE = """
query Place {
  repositoriesOrError {
    __typename
    ... on RepositoryConnection { nodes { name location { name } jobs { name } } }
    ... on Error { message }
  }
}
"""
_LAUNCH = """
mutation Launch($params: ExecutionParams!) {
  launchRun(executionParams: $params) {
    __typename
    ... on LaunchRunSuccess { run { runId status } }
    ... on Error { message }
  }
}
"""
# Partitioned assets need the partition among the tags, which is where the job's own default is kept.
_TAGS = """
query Tags($selector: PipelineSelector!) {
  pipelineOrError(params: $selector) {
    __typename
    ... on Pipeline { tags { key value } }
    ... on Error { message }
  }
}
"""
UNFINISHED = ("QUEUED", "NOT_STARTED", "STARTING", "STARTED", "CANCELING")


@dataclass(frozen=True)
class Run:
    """One run of a job."""

    run_id: str
    job: str
    status: str
    created_at: datetime | None
    started_at: datetime | None
    ended_at: datetime | None
    tags: dict[str, str]

    @property
    def duration_s(self) -> float | None:
        """How long it took; None while it runs."""
        if self.started_at is None or self.ended_at is None:
            return None
        return (self.ended_at - self.started_at).total_seconds()


class DagsterApi:
    """Dagster's page at `url`. Each question opens its own connection; they are rare."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")

    async def runs(
        self, *, job: str | None = None, status: str | None = None, limit: int, cursor: str | None
    ) -> list[Run]:
        """The newest runs first; `cursor` is the last run id seen."""
        wanted: dict[str, Any] = {}
        if job is not None:
            wanted["pipelineName"] = job
        if status is not None:
            wanted["statuses"] = [status]
        told = await self._ask(_RUNS, {"filter": wanted, "cursor": cursor, "limit": limit}, "runsOrError")
        return [_run(each) for each in told["results"]]

    async def jobs(self) -> list[str]:
        """The jobs that can be started."""
        return sorted(name for name in (await self._place())[2] if not name.startswith("__"))

    async def start(self, job: str, tags: dict[str, str]) -> str:
        """Start a job; the run's id. Raises Problem `not_found` when there is no such job."""
        repository, location, jobs = await self._place()
        if job not in jobs:
            there = ", ".join(sorted(name for name in jobs if not name.startswith("__")))
            raise Problem("not_found", f"There is no job {job!r}. There are: {there}.")
        selector = {"repositoryName": repository, "repositoryLocationName": location}
        own = await self._ask(_TAGS, {"selector": {**selector, "pipelineName": job}}, "pipelineOrError")
        every = {**{each["key"]: each["value"] for each in own["tags"]}, **tags}
        metadata = {"tags": [{"key": key, "value": value} for key, value in every.items()]}
        params = {"selector": {**selector, "jobName": job}, "executionMetadata": metadata, "runConfigData": {}}
        told = await self._ask(_LAUNCH, {"params": params}, "launchRun")
        return str(told["run"]["runId"])

    async def _place(self) -> tuple[str, str, list[str]]:
        told = await self._ask(_PLACE, {}, "repositoriesOrError")
        if not told["nodes"]:
            raise Problem("upstream_unavailable", f"Dagster at {self.url} has no code loaded. {HOW_TO_START}")
        first = told["nodes"][0]
        return first["name"], first["location"]["name"], [each["name"] for each in first["jobs"]]

    async def _ask(self, query: str, variables: dict[str, Any], field: str) -> dict[str, Any]:
        try:
            async with (
                aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=LIMIT_S)) as session,
                session.post(f"{self.url}/graphql", json={"query": query, "variables": variables}) as answer,
            ):
                told = await answer.json(content_type=None)
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            says = str(error) or type(error).__name__
            raise Problem(
                "upstream_unavailable", f"Dagster at {self.url} does not answer: {says}. {HOW_TO_START}"
            ) from None
        found = (told.get("data") or {}).get(field) if isinstance(told, dict) else None
        if not found or "message" in found:
            says = found["message"] if found else str((told or {}).get("errors"))[:300]
            raise Problem("upstream_unavailable", f"Dagster at {self.url} refused: {says}")
        return dict(found)


def _run(told: dict[str, Any]) -> Run:
    tags = {each["key"]: each["value"] for each in told["tags"] if not each["key"].startswith(".dagster")}
    created, started, ended = (instant_of(told[name]) for name in ("creationTime", "startTime", "endTime"))
    return Run(told["runId"], told["jobName"], told["status"], created, started, ended, tags)
