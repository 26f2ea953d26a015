from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("paho.mqtt.client")

from brokers import MOSQUITTO, Broker, Subscriber, free_port, until
from commands import environment
from hwr_edge.events.destination import mqtt_of
from hwr_edge.events.events import Events, Receivers
from hwr_edge.events.outbox import outbox_for

pytestmark = pytest.mark.skipif(MOSQUITTO is None, reason="needs mosquitto")

ADDS = """
import sys, pathlib, time
from hwr_edge.events.destination import mqtt_of
from hwr_edge.events.events import Events, Receivers
to = Receivers((mqtt_of(sys.argv[1]),), pathlib.Path(sys.argv[2]))
with Events(to, lambda line: None, 120) as events:
    for number in range(int(sys.argv[3])):
        events.add([{"text": str(number)}])
        print(number, flush=True)
        time.sleep(0.01)
"""


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    (tmp_path / "broker").mkdir()
    made = Broker(tmp_path / "broker")
    made.start()
    yield made
    made.kill()


def receivers_of(broker: Broker, tmp_path: Path, home_assistant: bool = False) -> Receivers:
    found = mqtt_of(f"mqtt://127.0.0.1:{broker.port}/names")
    return Receivers((found,), tmp_path / "boxes", home_assistant=home_assistant)


def test_each_row_reaches_a_subscriber_once(broker: Broker, tmp_path: Path) -> None:
    seen, told = Subscriber(broker.port), list[str]()
    with Events(receivers_of(broker, tmp_path), told.append, 60) as events:
        events.add([{"text": str(number)} for number in range(50)])
    until(lambda: len(seen.rows) == 50, "rows are missing")
    assert [row["text"] for row in seen.rows] == [str(number) for number in range(50)]
    assert len(set(seen.ids())) == 50
    assert told == []
    seen.close()


def test_nothing_is_lost_while_the_broker_is_killed(broker: Broker, tmp_path: Path) -> None:
    seen, to = Subscriber(broker.port), receivers_of(broker, tmp_path)
    with Events(to, lambda _: None, 120) as events:
        for number in range(90):
            if number % 30 == 10:
                broker.kill()
            if number % 30 == 20:
                broker.start()
                assert seen.ready.wait(60)
            events.add([{"text": str(number)}])
            time.sleep(0.01)
    until(lambda: len({row["text"] for row in seen.rows}) == 90, "rows are missing")
    seen.close()


def test_nothing_is_lost_while_the_program_is_killed(broker: Broker, tmp_path: Path) -> None:
    seen, to = Subscriber(broker.port), receivers_of(broker, tmp_path)
    url, folder = f"mqtt://127.0.0.1:{broker.port}/names", str(tmp_path / "boxes")
    queued = 0
    for lines in (5, 11, 17):
        command = [sys.executable, "-c", ADDS, url, folder, "500"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment()) as process:
            assert process.stdout
            for _ in range(lines):
                assert process.stdout.readline()
            process.send_signal(signal.SIGKILL)
            queued += lines + len(process.stdout.readlines())
    with Events(to, print, 60):
        pass
    assert len(outbox_for(tmp_path / "boxes", to.destinations[0])) == 0
    until(lambda: len(set(seen.ids())) >= queued, "rows are missing")
    assert len(set(seen.ids())) <= queued + 3  # that were queued, and not told of before a kill
    seen.close()


def test_a_topic_that_the_broker_refuses_loses_nothing(tmp_path: Path) -> None:
    (tmp_path / "acl").write_text("topic read #\n")
    broker = Broker(tmp_path, f"allow_anonymous true\nacl_file {tmp_path}/acl\n")
    broker.start()
    told: list[str] = []
    with Events(receivers_of(broker, tmp_path), told.append, 3) as events:
        events.add([{"text": "Ann"}])
    broker.kill()
    assert any("the broker refuses the topic" in line for line in told)
    assert "1 name waits on the disk" in told[-1]


def test_a_wrong_password_is_said_and_the_right_one_gives_what_waits(tmp_path: Path) -> None:
    made = subprocess.run(
        ["mosquitto_passwd", "-b", "-c", str(tmp_path / "users"), "ann", "right"], check=False
    )
    assert made.returncode == 0
    broker = Broker(tmp_path, f"allow_anonymous false\npassword_file {tmp_path}/users\n")
    broker.start()
    found, told = mqtt_of(f"mqtt://ann@127.0.0.1:{broker.port}/names"), list[str]()
    with Events(Receivers((found,), tmp_path / "boxes", "wrong"), told.append, 4) as events:
        events.add([{"text": "Ann"}])
        until(lambda: told, "nothing is said")
    assert "the broker refuses: Not authorized" in told[0]
    seen = Subscriber(broker.port, "ann", "right")
    with Events(Receivers((found,), tmp_path / "boxes", "right"), told.append, 30):
        pass
    until(lambda: len(seen.rows) == 1, "the name is missing")
    seen.close()
    broker.kill()


@pytest.fixture
def own(tmp_path: Path) -> Any:
    """A certificate authority that was just made; its certificate is `ca.pem`."""
    made = pytest.importorskip("trustme").CA()
    made.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    return made


def tls_broker(tmp_path: Path, authority: Any, name: str) -> tuple[Broker, int]:
    """A broker that shows a certificate for a name; and its port without TLS, for who subscribes."""
    made, plain = authority.issue_cert(name), free_port()
    made.private_key_and_cert_chain_pem.write_to_path(str(tmp_path / "own.pem"))
    shows = f"certfile {tmp_path}/own.pem\nkeyfile {tmp_path}/own.pem\n"
    more = f"{shows}listener {plain} 127.0.0.1\nallow_anonymous true\n"
    (tmp_path / "broker").mkdir(exist_ok=True)
    broker = Broker(tmp_path / "broker", more)
    broker.start()
    return broker, plain


def test_a_broker_of_an_own_authority_gets_names_over_tls(tmp_path: Path, own: Any) -> None:
    broker, plain = tls_broker(tmp_path, own, "localhost")
    seen, told = Subscriber(plain), list[str]()
    found = mqtt_of(f"mqtts://localhost:{broker.port}/names")
    with Events(
        Receivers((found,), tmp_path / "boxes", ca=tmp_path / "ca.pem"), told.append, 30
    ) as to:
        to.add([{"text": "Ann"}])
    until(lambda: [row["text"] for row in seen.rows] == ["Ann"], "the name is missing")
    assert told == []
    seen.close()
    broker.kill()


@pytest.mark.parametrize("case", ["another authority", "another name", "the system's", "expired"])
def test_a_broker_that_cannot_show_who_it_is_gets_no_name(
    tmp_path: Path, own: Any, case: str
) -> None:
    import trustme

    broker, plain = tls_broker(
        tmp_path, own, "elsewhere" if case == "another name" else "localhost"
    )
    trusted = tmp_path / "ca.pem"
    if case == "another authority":
        trustme.CA().cert_pem.write_to_path(str(trusted))
    if case == "expired":
        broker.kill()
        cert = own.issue_cert("localhost", not_after=datetime(2020, 1, 1, tzinfo=UTC))
        cert.private_key_and_cert_chain_pem.write_to_path(str(tmp_path / "own.pem"))
        broker.start()
    seen, told = Subscriber(plain), list[str]()
    found = mqtt_of(f"mqtts://localhost:{broker.port}/names")
    to = Receivers((found,), tmp_path / "boxes", ca=None if case == "the system's" else trusted)
    with Events(to, told.append, 5) as events:
        events.add([{"text": "Ann"}])
        until(lambda: told, "nothing is said")
    assert "its certificate is not trusted" in told[0]
    assert "1 name waits on the disk" in told[-1]
    assert seen.rows == []
    seen.close()
    broker.kill()


def test_a_port_that_speaks_no_tls_gets_no_name(broker: Broker, tmp_path: Path) -> None:
    found, told = mqtt_of(f"mqtts://localhost:{broker.port}/names"), list[str]()
    seen = Subscriber(broker.port)
    with Events(Receivers((found,), tmp_path / "boxes"), told.append, 3) as events:
        events.add([{"text": "Ann"}])
    assert "1 name waits on the disk" in told[-1]
    assert seen.rows == []
    seen.close()


def test_home_assistant_is_told_of_the_camera_and_when_it_leaves(
    broker: Broker, tmp_path: Path
) -> None:
    seen = Subscriber(broker.port)
    with Events(receivers_of(broker, tmp_path, home_assistant=True), print, 30) as events:
        events.add([{"text": "Ann"}])
        until(lambda: seen.others.get("names/availability") == b"online", "not online")
    until(lambda: seen.others.get("names/availability") == b"offline", "not offline")
    topic = next(topic for topic in seen.others if topic.startswith("homeassistant/sensor/"))
    config = json.loads(seen.others[topic])
    assert config["state_topic"] == config["json_attributes_topic"] == "names"
    assert topic == f"homeassistant/sensor/{config['unique_id']}/config"
    seen.close()
