"""The API held to its own description by schemathesis."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("waitress")
pytest.importorskip("schemathesis")

import hypothesis
import schemathesis
from schemathesis.core.result import Ok
from schemathesis.specs.openapi import checks as described

from desks import TOKEN, running
from hwr_edge.desk.openapi import description

EXAMPLES = int(os.environ.get("HWR_EDGE_API_EXAMPLES", "8"))
"""Requests of each operation; more find more."""


def test_every_answer_is_one_that_the_description_names(tmp_path: Path) -> None:
    """No fault (5xx), no status, content type or shape that is not described; a wrong token is refused."""
    schema = schemathesis.openapi.from_dict(description())
    with running(tmp_path / "desk") as client:
        batch = client.new("AB")
        client.wait(batch)
        for operation in schema.get_all_operations():
            assert isinstance(operation, Ok), operation
            _try(operation.ok(), f"http://127.0.0.1:{client.port}", batch)
        assert client.ask("GET", "/api/health").status == 200


def _try(operation: Any, address: str, batch: str) -> None:
    named = [
        schemathesis.checks.not_a_server_error,
        described.status_code_conformance,
        described.content_type_conformance,
        described.response_schema_conformance,
    ]

    @hypothesis.settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(case=operation.as_strategy(), real=hypothesis.strategies.booleans())
    def one(case: Any, real: bool) -> None:
        if "batch" in (case.path_parameters or {}) and real and case.method.upper() != "DELETE":
            case.path_parameters["batch"] = batch
        case.call_and_validate(
            base_url=address, headers={"Authorization": f"Bearer {TOKEN}"}, checks=named
        )

    one()
