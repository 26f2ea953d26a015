from __future__ import annotations

import socket
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from hosts_here import together
from hwr_edge import __version__
from hwr_edge.errors import DataError, HwrError
from hwr_train.fitting import hosts as hosts_module
from hwr_train.fitting import meeting as module
from hwr_train.fitting.hosts import ALONE, Hosts, Link
from hwr_train.fitting.meeting import free_port, meet


@pytest.fixture
def address() -> str:
    return f"127.0.0.1:{free_port()}"


def test_hosts_meet_and_hear_what_each_says(address: str) -> None:
    with ThreadPoolExecutor() as pool:
        hosts = list(pool.map(lambda place: meet(3, place, address), (2, 0, 1)))
        said = list(pool.map(lambda one: one.gather("place", [one.place]), hosts))
        assert said == [[[0], [1], [2]]] * 3
        list(pool.map(Hosts.end, hosts))
    assert [one.first for one in hosts] == [False, True, False]
    for one in hosts:
        one.leave()


def test_one_host_asks_nobody() -> None:
    assert ALONE.gather("a", 5) == [5]
    with ALONE.first_alone("b"):
        pass
    ALONE.end()


def test_answers_to_many_questions_are_not_mixed_up() -> None:
    with together(3) as hosts, ThreadPoolExecutor(60) as pool:
        asked = [(one, key) for key in range(20) for one in hosts]
        said = pool.map(lambda each: each[0].gather(str(each[1]), each[1]), asked)
        assert list(said) == [[key] * 3 for _, key in asked]


def test_the_first_host_is_alone_until_it_is_done() -> None:
    order: list[int] = []

    def work(one: Hosts) -> None:
        with one.first_alone("work"):
            order.append(one.place)

    with together(2) as hosts:
        other = threading.Thread(target=work, args=(hosts[1],))
        other.start()
        other.join(0.1)
        assert order == []
        work(hosts[0])
        other.join()
    assert order == [0, 1]


def test_a_host_that_leaves_ends_what_the_others_wait_for() -> None:
    told: list[str] = []
    with together(3, told.append) as hosts, ThreadPoolExecutor() as pool:
        waiting = [pool.submit(hosts[k].gather, "never") for k in (0, 2)]
        hosts[1].leave()
        for one in waiting:
            with pytest.raises(
                HwrError, match="host 1 is gone; start all hosts again with --resume"
            ):
                one.result(timeout=30)
        with pytest.raises(HwrError, match="this host left"):
            hosts[1].gather("more")
    assert len(set(told)) == 1


def test_devices_that_notice_a_lost_host_before_its_link_say_who_is_lost() -> None:
    with together(2, lambda why: None) as hosts, ThreadPoolExecutor() as pool:

        def compute() -> None:
            with hosts[0].loss_is_the_cause():
                pool.submit(hosts[1].leave)
                raise RuntimeError("AllGather failed: connection reset by peer")

        with pytest.raises(HwrError, match="host 1 is gone; start all hosts again with --resume"):
            compute()


def test_an_error_while_all_hosts_are_there_stays_what_it_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(hosts_module, "_NOTICED", 0.1)
    with (
        together(2) as hosts,
        pytest.raises(RuntimeError, match="out of memory"),
        hosts[0].loss_is_the_cause(),
    ):
        raise RuntimeError("out of memory")


def test_at_the_end_hosts_go_one_by_one() -> None:
    told: list[str] = []
    with together(2, told.append) as hosts, ThreadPoolExecutor() as pool:
        list(pool.map(Hosts.end, hosts))
    assert told == []


def test_a_host_that_does_not_come_is_one_line(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_PATIENCE", 0.1)
    with pytest.raises(HwrError, match="host 1, host 2 did not connect within 0 seconds"):
        meet(3, 0, address)
    with pytest.raises(HwrError, match=f"{address}: host 0 cannot be reached"):
        meet(3, 1, address)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ((2, 0, "nowhere"), "not an address; use HOST:PORT of host 0"),
        ((2, 0, "host:99999"), "not an address"),
        ((2, 2, "host:1"), "there is no host 2 of 2; hosts are counted from 0"),
    ],
)
def test_what_cannot_be_meant_is_refused(given: tuple[int, int, str], told: str) -> None:
    with pytest.raises(DataError, match=told):
        meet(*given)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (b'{"host": 1, "hosts": 3, "version": "%s"}\n', b"expects hosts 1 to 1 of 2"),
        (b'{"host": 0, "hosts": 2, "version": "%s"}\n', b"expects hosts"),
        (b'{"host": [1], "hosts": 2, "version": "%s"}\n', b"expects hosts"),
        (b'{"host": 1, "hosts": 2, "version": "0"}\n', b"has version"),
        (b"GET / HTTP/1.1\n", b"expects hosts"),
    ],
)
def test_a_stranger_is_refused_and_the_host_that_comes_then_is_let_in(
    said: bytes, told: bytes, address: str
) -> None:
    with ThreadPoolExecutor() as pool:
        first = pool.submit(meet, 2, 0, address)
        name, port = address.split(":")
        while True:
            try:
                stranger = socket.create_connection((name, int(port)))
                break
            except ConnectionRefusedError:
                pass
        with stranger:
            stranger.sendall(said.replace(b"%s", __version__.encode()))
            assert told in Link.of(stranger).lines.readline()
        other = meet(2, 1, address)
        own = pool.submit(other.gather, "there")
        assert first.result().gather("there") == own.result() == [None, None]
        list(pool.map(Hosts.end, (other, first.result())))
