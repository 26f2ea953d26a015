"""Against a real S3 server on loopback."""

from __future__ import annotations

import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bulk_archives import folder, names, setup, tar
from hwr_edge.bulk import storage
from hwr_edge.bulk.parts import Part, find_all, plan
from hwr_edge.bulk.run import run
from hwr_edge.bulk.shards import pack
from hwr_edge.bulk.work import Done, Setup, Worker
from hwr_edge.errors import DataError, OutputError

moto = pytest.importorskip("moto.server")
pytest.importorskip("s3fs")
boto3 = pytest.importorskip("boto3")


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    server = moto.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def store(address: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A client of a server with the empty bucket `archive`."""
    for name, value in {
        "AWS_ENDPOINT_URL": address,
        "AWS_ACCESS_KEY_ID": "me",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_DEFAULT_REGION": "us-east-1",
        "NO_PROXY": "127.0.0.1",
    }.items():
        monkeypatch.setenv(name, value)
    storage.forget()
    client = boto3.client("s3")
    client.create_bucket(Bucket="archive")
    yield client
    ask(address, "reset")
    storage.forget()


def ask(address: str, what: str, data: bytes = b"") -> None:
    asked = urllib.request.Request(
        f"{address}/moto-api/{what}", data, {"Content-Type": "text/plain"}
    )
    urllib.request.urlopen(asked).close()


def here(setup: Setup, parts: list[Part]) -> Iterator[Done | None]:
    worker = Worker(setup)
    return (worker.read(part) for part in parts)


def objects(client: Any) -> dict[str, bytes]:
    found = client.list_objects_v2(Bucket="archive").get("Contents", [])
    keys = [one["Key"] for one in found]
    return {key: client.get_object(Bucket="archive", Key=key)["Body"].read() for key in keys}


def test_from_a_folder_to_shards_to_a_table(store: Any, tmp_path: Path) -> None:
    images = folder(tmp_path / "in", names(5))
    given = find_all([str(images)])
    assert sum(one.images for one in pack(given, "s3://archive/shards", {}, 2, 1 << 20, print)) == 5
    planned = plan(["s3://archive/shards"])
    assert [part.names for part in planned.parts] == [
        (f"s3://archive/shards/shard-{k:06}.tar",) for k in range(3)
    ]
    *_, last = run(setup("s3://archive/out"), planned, here, print)
    assert (last.rows, last.problems) == (5, 0)
    found = objects(store)
    rows = [key for key in found if key.startswith("out/rows/")]
    assert rows == [f"out/rows/part-{k:06}.jsonl" for k in range(3)]
    assert b'"text": "AAAB"' in found[rows[0]]


def test_a_run_goes_on_with_the_parts_that_are_missing(store: Any, tmp_path: Path) -> None:
    for k in range(3):
        data = tar(tmp_path / "a.tar", dict(list(names(4).items())[k:])).read_bytes()
        store.put_object(Bucket="archive", Key=f"in/{k}.tar", Body=data)
    planned = plan(["s3://archive/in/*.tar"])
    list(run(setup("s3://archive/out"), planned, here, print))
    before = objects(store)
    store.delete_object(Bucket="archive", Key="out/rows/part-000001.jsonl")
    read: list[int] = []

    def noted(setup: Setup, parts: list[Part]) -> Iterator[Done | None]:
        read.extend(part.number for part in parts)
        return here(setup, parts)

    list(run(setup("s3://archive/out"), planned, noted, print))
    assert read == [1]
    assert objects(store) == before


def test_images_that_are_objects(store: Any) -> None:
    for name, data in {**names(3), "broken.jpg": b"no image"}.items():
        store.put_object(Bucket="archive", Key=f"in/{name}", Body=data)
    told: list[str] = []
    *_, last = run(setup("s3://archive/out"), plan(["s3://archive/in"]), here, told.append)
    assert (last.images, last.rows, last.problems) == (4, 3, 1)
    assert told[0].startswith("s3://archive/in/broken.jpg: not a JPEG")


def test_an_object_that_changed_is_another_input(store: Any) -> None:
    store.put_object(Bucket="archive", Key="in/a.png", Body=b"one")
    before = plan(["s3://archive/in"]).digest
    store.put_object(Bucket="archive", Key="in/a.png", Body=b"two")
    storage.forget()
    assert plan(["s3://archive/in"]).digest != before


def test_a_bucket_without_rights_is_one_line(store: Any, address: str) -> None:
    store.put_object(Bucket="archive", Key="in/a.png", Body=b"one")
    planned = plan(["s3://archive/in"])
    storage.forget()
    ask(address, "reset-auth", b"0")
    try:
        with pytest.raises(DataError, match=r"s3://archive/in: cannot be read \(no permission\)"):
            plan(["s3://archive/in"])
        with pytest.raises(
            OutputError, match=r"s3://archive/out/run.json: cannot be .* \(no permission\)"
        ):
            list(run(setup("s3://archive/out"), planned, here, print))
    finally:
        ask(address, "reset-auth", b"inf")


def test_a_bucket_that_is_not_there_is_one_line(store: Any, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="s3://none/x: "):
        plan(["s3://none/x"])
    folder(tmp_path, names(1))
    with pytest.raises(OutputError, match="s3://none/out/"):
        list(run(setup("s3://none/out"), plan([str(tmp_path)]), here, print))
