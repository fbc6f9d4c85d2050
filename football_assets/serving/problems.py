"""Errors as answers: RFC 9457 problem details, each with one of our codes."""

from typing import Any, Literal, get_args

from pydantic import BaseModel, Field

Code = Literal[
    "not_found",
    "invalid_parameter",
    "unsupported_stat_type",
    "ambiguous_player",
    "batch_too_large",
    "insufficient_data",
    "no_data_available",
    "upstream_unavailable",
    "rate_limited",
    "unauthorized",
    "forbidden",
]
STATUS: dict[Code, int] = {
    "not_found": 404,
    "invalid_parameter": 422,
    "unsupported_stat_type": 422,
    "ambiguous_player": 409,
    "batch_too_large": 422,
    "insufficient_data": 422,
    "no_data_available": 503,
    "upstream_unavailable": 503,
    "rate_limited": 429,
    "unauthorized": 401,
    "forbidden": 403,
}
TITLE: dict[Code, str] = {code: code.replace("_", " ").capitalize() for code in get_args(Code)}
PROBLEM_JSON = "application/problem+json"
ALWAYS: tuple[Code, ...] = ("invalid_parameter", "unauthorized", "rate_limited")


class Problem(Exception):
    """Something a client is told instead of data. `also` are members of their own, such as `candidates`.

    `no_data_available` with an `as_of` among them is about the past, which no waiting brings: not found, no 503.
    """

    def __init__(self, code: Code, detail: str, *, headers: dict[str, str] | None = None, **also: Any) -> None:
        self.code: Code = code
        self.detail = detail
        self.headers = headers or {}
        self.also = {name: value for name, value in also.items() if value is not None}
        super().__init__(detail)

    @property
    def status(self) -> int:
        """The HTTP status."""
        past = self.code == "no_data_available" and self.also.get("as_of") is not None
        return STATUS["not_found"] if past else STATUS[self.code]

    def body(self, request_id: str) -> dict[str, Any]:
        """The problem document."""
        return {
            "type": f"urn:football-assets:problem:{self.code}",
            "title": TITLE[self.code],
            "status": self.status,
            "code": self.code,
            "detail": self.detail,
            "request_id": request_id,
            **self.also,
        }


class ProblemBody(BaseModel):
    """An error (RFC 9457)."""

    type: str = Field(
        description="A URN that names the kind of error", examples=["urn:football-assets:problem:not_found"]
    )
    title: str = Field(description="The kind of error in words", examples=["Not found"])
    status: int = Field(description="The HTTP status", examples=[404])
    code: Code = Field(description="The kind of error, for programs")
    detail: str = Field(
        description="What was wrong with this request and what to do", examples=["No match has this id."]
    )
    request_id: str = Field(description="The request, as the audit and the server's log name it")


def problems(*codes: Code) -> dict[int | str, dict[str, Any]]:
    """The documentation of an operation's errors; those that any operation can give are always among them."""
    found: dict[int | str, dict[str, Any]] = {}
    told = [(STATUS[code], code) for code in (*codes, *ALWAYS)]
    if "no_data_available" in codes:
        told.append((STATUS["not_found"], "no_data_available"))  # at the past instant that was asked for
        if "not_found" not in codes:
            told.append((STATUS["not_found"], "not_found"))
    for status, code in told:
        known = found.get(status)
        words = f"{known['description']}, {code}" if known else code
        content = {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/ProblemBody"}}}
        found[status] = {"description": words, "content": content, "headers": _HEADERS.get(status, {})}
    return found


def reads(*codes: Code) -> dict[int | str, dict[str, Any]]:
    """The documentation of the answers of a read of published tables: its errors, and what has not changed."""
    tag = {"ETag": _header("Names this content: sent back as `If-None-Match`, it is answered 304 until it changes")}
    found = problems(*codes, "no_data_available")
    found[200] = {"headers": tag}
    found[304] = {"description": "What was sent before still holds", "headers": tag}
    return found


def sent(*codes: Code) -> dict[int | str, dict[str, Any]]:
    """The documentation of the errors of an operation with a body."""
    content = {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/ProblemBody"}}}
    return {**problems(*codes), 413: {"description": "invalid_parameter: the body is too large", "content": content}}


def _header(words: str, kind: str = "string") -> dict[str, Any]:
    return {"description": words, "schema": {"type": kind}}


_HEADERS = {
    401: {"WWW-Authenticate": _header("How to show a key")},
    429: {"Retry-After": _header("Seconds to wait", "integer")},
}
