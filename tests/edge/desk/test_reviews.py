"""Reviews inside the desk."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("waitress")

from desks import running
from hwr_edge.results.reviewed import answers_beside


def test_an_answer_that_cannot_be_saved_says_why(tmp_path: Path) -> None:
    with running(tmp_path / "desk") as client:
        batch = client.new("AB")
        client.wait(batch)
        path = f"/batches/{batch}/review"
        assert client.ask("POST", f"{path}/rows/0", {"version": 0, "answer": "AC"}).status == 200
        results = next((tmp_path / "desk").rglob("results.jsonl"))
        answers_beside(results).unlink()
        reply = client.ask("POST", f"{path}/rows/0", {"version": 1, "answer": "AB"})
        assert (reply.status, b"was deleted or replaced" in reply.body) == (500, True)
