"""The OpenAPI document: what the routes say of themselves, the problem document, the keys, and an example each.

An operation's example is its address under `x-example`; what is in braces stands for something published. Its
parameters have the same values as their `example`.
"""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from football_assets.serving.problems import ProblemBody

# What stands in the document for what only the published tables can tell.
SAMPLES = {
    "match_id": "965mkyhk0we8r1g",
    "player_id": "4432762",
    "projected_id": "4432762",
    "player_name": "Sam Hill",
    "player_word": "Hill",
    "model_id": "no_market-margin-20261122",
    "evidence_id": "6f1d2c3b4a5968778695a4b3c2d1e0f1",
    "alert_id": "0a1b2c3d",
}


def documented(app: FastAPI) -> dict[str, Any]:
    """The whole document."""
    made = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
    parts = made.setdefault("components", {})
    schemas = parts.setdefault("schemas", {})
    schemas["ProblemBody"] = ProblemBody.model_json_schema()
    parts["securitySchemes"] = {
        "bearer": {"type": "http", "scheme": "bearer"},
        "header": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
    }
    made["security"] = [{"bearer": []}, {"header": []}, {}]
    for path, method, operation in operations(made):
        target = operation.setdefault("x-example", path)
        for parameter in operation.get("parameters", ()):
            if (value := _value(parameter, path, target)) is not None:
                parameter["example"] = value
        content = operation.get("requestBody", {}).get("content", {}).get("application/json")
        if content is not None:
            content["example"] = schemas[content["schema"]["$ref"].rpartition("/")[2]]["examples"][0]
        assert method == "get" or "?" not in target
    return made


def operations(document: Mapping[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Path, method and what is said of each operation."""
    for path, found in document["paths"].items():
        for method, operation in found.items():
            yield path, method, operation


def _value(parameter: Mapping[str, Any], path: str, target: str) -> Any:
    """What the example gives a parameter; None when it leaves it out."""
    asked = urlsplit(target)
    if parameter["in"] == "path":
        told = dict(zip(path.split("/"), asked.path.split("/"), strict=True)).get(f"{{{parameter['name']}}}")
    else:
        told = dict(parse_qsl(asked.query)).get(parameter["name"])
    if told is None:
        return None
    for name, sample in SAMPLES.items():
        told = told.replace(f"{{{name}}}", sample)
    kinds = {each.get("type") for each in (parameter["schema"], *parameter["schema"].get("anyOf", ()))}
    if "array" in kinds:
        return [told]
    if "boolean" in kinds:
        return told == "true"
    return int(told) if "integer" in kinds else told
