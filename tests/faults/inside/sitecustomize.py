"""Read by every Python that is started with this folder on its PYTHONPATH: it ends itself at the point that a test names, as a
power cut would. The product knows nothing of it.

TEST_ENDS_AT is `module:Class.function:before` (or `after`): at the first call. TEST_LEASE is how many seconds a claim holds.
"""

import functools
import importlib.util
import os
import signal
import sys
from collections.abc import Callable
from datetime import timedelta
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

LEASED = {
    "touchline.desk.models.check_in": "CheckIn",
    "touchline.desk.models.delivery": "Delivery",
    "touchline.desk.models.inbound_email": "InboundEmail",
    "touchline.desk.models.mailbox": "Mailbox",
}


class Patches:
    """Finds the modules that are to be changed, and changes each once it has run."""

    def __init__(self, patches: dict[str, list[Callable[[ModuleType], None]]]) -> None:
        self.patches = patches

    def find_spec(self, name: str, path: Any, target: Any = None) -> ModuleSpec | None:
        if name not in self.patches:
            return None
        patches = self.patches.pop(name)
        spec = importlib.util.find_spec(name)
        assert spec and spec.loader
        run = spec.loader.exec_module

        def run_and_patch(module: ModuleType) -> None:
            run(module)
            for patch in patches:
                patch(module)

        spec.loader.exec_module = run_and_patch  # type: ignore[method-assign]
        return spec


def ends_at(place: str, when: str) -> Callable[[ModuleType], None]:
    def patch(module: ModuleType) -> None:
        *owners, name = place.split(".")
        owner: Any = functools.reduce(getattr, owners, module)
        found = vars(owner)[name]
        wrapped = ending(found.__func__ if isinstance(found, classmethod) else found, when)
        setattr(owner, name, classmethod(wrapped) if isinstance(found, classmethod) else wrapped)

    return patch


def ending(function: Callable[..., Any], when: str) -> Callable[..., Any]:
    @functools.wraps(function)
    def ends(*arguments: Any, **named: Any) -> Any:
        if when == "after":
            function(*arguments, **named)
        os.kill(os.getpid(), signal.SIGKILL)

    return ends


def leased(noun: str, seconds: float) -> Callable[[ModuleType], None]:
    def patch(module: ModuleType) -> None:
        getattr(module, noun).LEASE = timedelta(seconds=seconds)

    return patch


def main() -> None:
    patches: dict[str, list[Callable[[ModuleType], None]]] = {}
    if where := os.environ.get("TEST_ENDS_AT"):
        module, place, when = where.split(":")
        patches.setdefault(module, []).append(ends_at(place, when))
    if seconds := os.environ.get("TEST_LEASE"):
        for module, noun in LEASED.items():
            patches.setdefault(module, []).append(leased(noun, float(seconds)))
    if patches:
        sys.meta_path.insert(0, Patches(patches))  # type: ignore[arg-type]


main()
