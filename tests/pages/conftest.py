"""A real Touchline and a strict browser for the stories."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import pytest
from playwright.sync_api import Browser, Page

from tests.house import House
from tests.pages.strict import Strict
from tests.servers import SmtpSink


class OpenPage(Protocol):
    def __call__(self, **how: Any) -> Page: ...


@pytest.fixture
def open_page(browser: Browser) -> Iterator[OpenPage]:
    """Opens a page of 1440 x 900 in a browser of its own; `how` is as for Browser.new_context. Nothing on it may be amiss."""
    opened: list[Strict] = []

    def open_one(**how: Any) -> Page:
        opened.append(Strict(browser, **how))
        return opened[-1].page

    yield open_one
    troubles = [trouble for each in opened for trouble in each.close()]
    assert not troubles, "\n".join(troubles)


@pytest.fixture
def page(open_page: OpenPage) -> Page:
    return open_page()


@pytest.fixture
def sink() -> Iterator[SmtpSink]:
    sink = SmtpSink().start()
    yield sink
    sink.stop()


@pytest.fixture(scope="session")
def set_up_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder in which Kay, Sam and the support mailbox are set up, to be copied."""
    house = House(tmp_path_factory.mktemp("house") / "data")
    house.set_up()
    return house.data


@pytest.fixture
def house(tmp_path: Path, set_up_data: Path) -> Iterator[House]:
    """Up, with Kay and Sam, and nobody has written yet."""
    data = tmp_path / "data"
    shutil.copytree(set_up_data, data)
    house = House(data).start()
    yield house
    house.stop()


@pytest.fixture
def new_house(tmp_path: Path) -> Iterator[House]:
    """Up, and nobody has come in yet."""
    house = House(tmp_path / "data").start()
    yield house
    house.stop()
