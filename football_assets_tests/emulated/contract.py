"""The served OpenAPI document put to the test: requests made up from it, answers held against it."""

import time
import warnings
from collections import Counter
from contextlib import suppress

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
]
# An endless answer cannot be read to its end.
ENDLESS = {"/v1/stream/events"}
# What asks another service says so when that one does not run; the document names this answer.
NEEDS_ANOTHER_SERVICE = "upstream_unavailable"
WAIT_S = 20.0


class Outcome:
    """What was asked and what did not hold: `failures` by (method, path, what)."""

    def __init__(self):
        self.statuses = Counter()
        self.operations = set()
        self.failures = {}

    @property
    def asked(self):
        return sum(self.statuses.values())


def held_against_its_document(url, *, examples, begin=1, until_s=None):
    """Ask every operation of the server at `url` `examples` times with requests that fit and as many that do not.

    `begin` seeds the requests. With `until_s` no operation is begun after so many seconds.
    """
    document = requests.get(f"{url}/v1/openapi.json", timeout=WAIT_S).json()
    schema = schemathesis.openapi.from_dict(document)
    outcome, started = Outcome(), time.monotonic()
    with requests.Session() as session, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the generator, about patterns it widens
        for found in schema.get_all_operations():
            operation = found.ok()
            if operation.path in ENDLESS or (until_s is not None and time.monotonic() - started > until_s):
                continue
            outcome.operations.add((operation.method.upper(), operation.path))
            for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
                _ask(operation, mode, url, session, examples, begin, outcome)
    return outcome


def _ask(operation, mode, url, session, examples, begin, outcome):
    @seed(begin)
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case):
        answer = case.call(base_url=url, session=session, timeout=WAIT_S)
        outcome.statuses[answer.status_code] += 1
        problem = answer.status_code == 503 and answer.json().get("code") == NEEDS_ANOTHER_SERVICE
        checks = [check for check in CHECKS if not (problem and check is not_a_server_error)]
        try:
            case.validate_response(answer, checks=checks)
        except (FailureGroup, Failure) as error:
            for each in getattr(error, "exceptions", [error]):
                name = (operation.method.upper(), operation.path, type(each).__name__)
                outcome.failures.setdefault(name, f"{each}\n{case.as_curl_command()}")

    with suppress(Unsatisfiable):  # of some operations no request can be wrong
        ask()
