"""`touchline up`: check, make the database ready, serve, and say where to go."""

import argparse
import os

from touchline.work import environment
from touchline.work.environment import Settings, Sorry


def main(argv: list[str]) -> int:
    told = parse(argv)
    if told.demo:
        os.environ["TOUCHLINE_DEMO"] = "yes"
    settings = environment.read()
    from touchline.work import reload, server

    lock = server.lock_data(settings)
    # Tried now, so that a port in use is said first, and taken when we are ready: whoever asks before is refused and need not wait.
    server.listen(settings.host, settings.port, "TOUCHLINE_PORT").close()
    if settings.mail_in:
        server.listen(*settings.mail_in, "TOUCHLINE_MAIL_IN").close()
    link = prepare(settings)
    house = server.House(settings, server.listen(settings.host, settings.port, "TOUCHLINE_PORT"))
    if told.reload:
        reload.watch(house)
    exit_code = house.run(lambda: welcome(settings, link))
    lock.close()
    if told.reload and reload.wanted():
        reload.again()
    return exit_code


def parse(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        "touchline up",
        description="Start the desk: pages, worker and mail door in one process, until Ctrl-C.",
        epilog="Settings (port, data folder, database, mail door) are in docs/settings.md.",
    )
    parser.add_argument(
        "--demo", action="store_true", help="a made-up desk in a folder of its own, for a look around; it mails nobody"
    )
    parser.add_argument("--reload", action="store_true", help="for developers: start anew when a file of the program has changed")
    return parser.parse_args(argv)


def prepare(settings: Settings) -> str | None:
    """Make the database ready and return the one-time setup link, or None when there is a teammate already."""
    environment.django()
    from touchline.desk import first_run
    from touchline.work import database

    missing = database.pending()
    if missing:
        print(f"Making the database ready ({len(missing)} steps) ...", flush=True)
        database.migrate()
    if settings.demo:
        prepare_demo(settings)
    return first_run.new_link(settings.public_url)


def prepare_demo(settings: Settings) -> None:
    """Fill a demo at its first start. Raises `Sorry` rather than put made-up people beside real ones."""
    from touchline.desk.models import Teammate
    from touchline.work import demo

    mark = settings.demo_mark
    state = mark.read_text(encoding="ascii") if mark.exists() else ""
    if not state and Teammate.objects.exists():
        raise Sorry(
            f"The desk in {settings.data} is a real one. Start the demo with another TOUCHLINE_DATA, or none.", exit_code=2
        )
    if state != "ready":
        print("Making up a desk to look around in ...", flush=True)
        mark.write_text("begun", encoding="ascii")
        demo.prepare()
        mark.write_text("ready", encoding="ascii")


def welcome(settings: Settings, link: str | None) -> None:
    print(f"Touchline is at {settings.public_url}")
    if settings.demo:
        print("This is a demo: its people are made up, and it mails nobody.")
    if link:
        print(f"Set it up here (the link works once, for 24 hours):\n  {link}")
    print("Ctrl-C stops it.", flush=True)
