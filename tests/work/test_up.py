"""One command starts the desk, one process is the desk, and it ends when it is told to, or when it is killed."""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlencode

import pytest

from tests.house import KAY, ROOT, House
from tests.run import POSTGRESQL, postgresql

# Django reads no form from a browser that brings no cookie for its token.
HALF_A_REQUEST = (
    b"POST /sign-in/ HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    b"Cookie: touchline_csrf=" + b"a" * 32 + b"\r\nContent-Length: 100\r\n\r\nlogin=half"
)
pytestmark = pytest.mark.servers


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = House(tmp_path / "a desk")
    yield house
    if hasattr(house, "process"):
        house.stop()


def refused(house: House, *arguments: str, exit_code: int = 1) -> str:
    """Start where it cannot be started: what is said, in one line on standard error."""
    command = [sys.executable, "-m", "touchline", "up", *arguments]
    done = subprocess.run(command, cwd=ROOT, env=house.environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == exit_code, done.stderr
    assert len(done.stderr.splitlines()) == 1, done.stderr
    return done.stderr


def answers(house: House, path: str = "/healthz", **headers: str) -> tuple[int, bytes]:
    try:
        with urllib.request.urlopen(urllib.request.Request(house.url + path, headers=headers), timeout=10) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as answer:
        return answer.code, answer.read()


def nobody_listens(port: int) -> bool:
    with closing(socket.socket()) as one:
        return one.connect_ex(("127.0.0.1", port)) != 0


def test_a_fresh_desk_says_where_it_is_and_how_to_set_it_up(house: House) -> None:
    house.start()
    assert answers(house) == (200, b'{"status":"ok"}')
    assert f"Touchline is at {house.url}\n" in house.output()
    first = house.setup_link()
    assert first.startswith(f"{house.url}/") and len(first.partition("#")[2]) >= 22
    house.stop()
    house.start()
    assert house.setup_link() != first


def test_no_link_is_printed_once_somebody_works_here(house: House) -> None:
    house.set_up()
    house.start()
    assert "#" not in house.output()


def test_a_second_start_takes_less_than_three_seconds(house: House) -> None:
    house.start()
    house.stop()
    began = time.monotonic()
    house.start()
    assert time.monotonic() - began < 3


def test_the_data_folder_is_for_us_alone(house: House) -> None:
    house.start()
    assert house.data.stat().st_mode & 0o777 == 0o700


def test_two_never_share_a_data_folder(house: House) -> None:
    house.start()
    other = House(house.data)
    assert str(house.data) in refused(other)
    assert nobody_listens(other.port)
    assert answers(house)[0] == 200


def test_a_port_in_use_names_the_setting(house: House) -> None:
    with closing(socket.create_server(("127.0.0.1", house.port))):
        assert "TOUCHLINE_PORT" in refused(house)
    with closing(socket.create_server(("127.0.0.1", house.door))):
        assert "TOUCHLINE_MAIL_IN" in refused(house)


def test_a_data_folder_that_cannot_be_made_is_said(house: House) -> None:
    house.data.write_text("a file")
    assert str(house.data) in refused(house)


def test_it_ends_in_seconds_when_it_is_told_to(house: House) -> None:
    house.start()
    for number in (signal.SIGTERM, signal.SIGINT):
        began = time.monotonic()
        house.process.send_signal(number)
        assert house.process.wait(10) == 0
        assert time.monotonic() - began < 5
        assert nobody_listens(house.port) and nobody_listens(house.door)
        house.start()


def test_it_does_not_wait_for_whoever_dawdles(house: House) -> None:
    house.start()
    with closing(socket.create_connection(("127.0.0.1", house.port))) as nora:
        nora.sendall(HALF_A_REQUEST)
        time.sleep(0.3)
        began = time.monotonic()
        house.process.send_signal(signal.SIGTERM)
        assert house.process.wait(15) == 0
        assert time.monotonic() - began < 8


def test_a_second_ctrl_c_does_not_wait_at_all(house: House) -> None:
    house.start()
    with closing(socket.create_connection(("127.0.0.1", house.port))) as nora:
        nora.sendall(HALF_A_REQUEST)
        time.sleep(0.3)
        house.process.send_signal(signal.SIGINT)
        time.sleep(0.2)
        began = time.monotonic()
        house.process.send_signal(signal.SIGINT)
        assert house.process.wait(10) == 130
        assert time.monotonic() - began < 1


def test_killed_it_leaves_nothing_behind_and_starts_again(house: House) -> None:
    house.start()
    house.kill()
    assert nobody_listens(house.port) and nobody_listens(house.door)
    house.start()
    assert answers(house)[0] == 200


def test_a_stranger_name_is_not_answered(house: House) -> None:
    house.start()
    assert answers(house, "/", Host="evil.example")[0] == 400


def test_a_browser_that_cannot_sign_in_to_the_stream_is_told(house: House) -> None:
    house.start()
    assert answers(house, "/live")[0] in (401, 403)


def test_an_open_stream_ends_with_the_house(house: House) -> None:
    house.set_up()
    house.start()
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
    token = re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', browser.open(f"{house.url}/sign-in/").read().decode())[0]
    form = urlencode({"csrfmiddlewaretoken": token, "login": KAY[0], "password": KAY[1]}).encode()
    browser.open(f"{house.url}/sign-in/", form).read()
    with browser.open(f"{house.url}/live", timeout=10) as stream:
        assert stream.headers.get_content_type() == "text/event-stream"
        began = time.monotonic()
        house.process.send_signal(signal.SIGTERM)
        stream.read()
        assert house.process.wait(15) == 0
        assert time.monotonic() - began < 2.5


def test_many_at_once_are_answered(house: House) -> None:
    house.start()
    seen: list[int] = []
    threads = [threading.Thread(target=lambda: seen.append(answers(house, "/sign-in/")[0])) for _ in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert seen == [200] * 40


def test_a_demo_has_a_folder_of_its_own_and_stays_a_demo(house: House) -> None:
    house.start("--demo")
    assert "mails nobody" in house.output()
    house.stop()
    assert (house.data / "demo").read_text() == "ready"
    house.start()
    assert house.output().count("This is a demo") == 2
    house.stop()
    house.told["TOUCHLINE_HOST"] = "0.0.0.0"
    house.told["TOUCHLINE_PUBLIC_URL"] = "https://help.lantern.example"
    assert "demo" in refused(house, exit_code=2)


def test_made_up_people_never_come_among_real_ones(house: House) -> None:
    house.set_up()
    assert "real one" in refused(house, "--demo", exit_code=2)
    assert not (house.data / "demo").exists()


def test_it_says_that_it_is_not_well_while_the_database_is_away(house: House) -> None:
    if POSTGRESQL.found() is None:
        pytest.skip("needs Debian's postgresql")
    with postgresql() as url:
        house.told["TOUCHLINE_DATABASE_URL"] = url
        house.start()
        assert answers(house) == (200, b'{"status":"ok"}')
    time.sleep(1.1)
    status, words = answers(house)
    assert (status, words) == (503, b'{"status":"the database does not answer"}')
    house.process.send_signal(signal.SIGTERM)
    assert house.process.wait(15) == 0


def test_bin_touchline_runs_from_anywhere_through_a_link(tmp_path: Path) -> None:
    if not os.access(ROOT / ".venv/bin/python", os.X_OK) or not any((ROOT / ".venv").glob("requirements*.lock")):
        pytest.skip("the checkout was not prepared by bin/prepare")
    (tmp_path / "a link").symlink_to(ROOT / "bin/touchline")
    (tmp_path / "email.py").write_text("raise SystemExit('not this one')")
    done = subprocess.run([tmp_path / "a link", "--help"], cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("usage: touchline")
