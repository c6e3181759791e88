"""What the searching tests share: how long they look, which checks they ask for, and how a generated case is sent.

`FUZZ_EXAMPLES=1000` before pytest looks at a thousand examples an operation, at random; without it a few, always the same.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from random import Random
from typing import Any

import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.specs.openapi import checks
from schemathesis.transport.wsgi import WSGI_TRANSPORT
from werkzeug.test import Client

from intake import openapi, rate
from intake.limits import Limits

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "0"))
CHECKS = [
    schemathesis.checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
    checks.negative_data_rejection,
    checks.unsupported_method,
]


def looking(few: int) -> settings:
    """Hypothesis' settings: `few` examples in every run, or as many as are asked for. The world stays as examples leave it."""
    return settings(
        max_examples=EXAMPLES or few,
        derandomize=not EXAMPLES,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )


def ways(few: int) -> Iterable[int]:
    """Numbers of ways to spoil something (tests/spoiling.py): the same `few` in every run, or as many as are asked for."""
    return Random().sample(range(2**32), EXAMPLES) if EXAMPLES else range(few)


def schema_of(document: dict[str, Any]) -> Any:
    """What schemathesis makes cases of. Cookie and token are the asker's own, so there are none to be made up."""
    paths = {
        path: {method: {**told, "security": []} for method, told in methods.items()}
        for path, methods in document["paths"].items()
    }
    return schemathesis.openapi.from_dict({**document, "paths": paths})


def without_bounds(app: Any) -> Any:
    """The application without its measure of what one process takes: a search asks more than any visitor."""
    rate.set_up(app, Limits(per_second=1e6, burst=1e6, forms_per_second=1e6), threads=64)
    return app


def ask(case: Any, client: Client, headers: Mapping[str, str] | None = None) -> Any:
    """Send a generated case with this visitor's cookies, and compare the answer with the document."""
    answer = client.open(**WSGI_TRANSPORT.serialize_case(case, headers=dict(headers or {})))
    case.validate_response(answer, checks=CHECKS)
    return answer


def with_token(client: Client) -> dict[str, str]:
    return {openapi.CSRF_HEADER: client.get("/staff/api/v1/csrf").json["token"]}
