"""`touchline work`: the worker alone, where pages are served by another process."""

import argparse
import signal
import threading

from touchline.work import database


def main(argv: list[str]) -> int:
    argparse.ArgumentParser(
        "touchline work", description="Fetch, file and send mail until Ctrl-C, without serving pages."
    ).parse_args(argv)
    database.ready()
    from touchline.work import worker

    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    worker.run(stop)
    return 0
