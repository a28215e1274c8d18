"""What this installation was told: every setting, read once, from the environment or from one file.

Nothing here needs Django, so that a wrong setting is a sentence before anything else has started.
"""

import difflib
import ipaddress
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

CHECKOUT = Path(__file__).resolve().parents[2]
PREFIX = "TOUCHLINE_"


class Sorry(Exception):
    """A foreseeable trouble, as one sentence that says what to do; `exit_code` is 2 for a wrong request, else 1."""

    def __init__(self, sentence: str, exit_code: int = 1) -> None:
        super().__init__(sentence)
        self.exit_code = exit_code


@dataclass(frozen=True)
class Setting:
    """One setting: its name, what it is when nothing is set (as it would be written), what it means, how it is read.

    `read` raises ValueError with half a sentence ("is not a number between 1 and 65535").
    A secret may also come from a file, named by the same name with `_FILE` after it, and is never repeated in a sentence.
    """

    name: str
    default: str
    means: str
    read: Callable[[str], Any]
    secret: bool = False

    @property
    def field(self) -> str:
        return self.name.removeprefix(PREFIX).lower()


@dataclass(frozen=True)
class Settings:
    """What was told, read and checked: a field for each line of SETTINGS."""

    settings: Path | None
    data: Path
    database_url: dict[str, Any]
    host: str
    port: int
    public_url: str
    trust_proxy: tuple[str, ...]
    mail_in: tuple[str, int] | None
    mail_in_outside: bool
    mail_in_cert: Path | None
    mail_in_key: Path | None
    max_mail_mb: int
    spam_check: str
    verify_dkim: bool
    secret_key: str
    old_secret_keys: tuple[str, ...]
    oauth_loopback: bool
    webhook_private_hosts: tuple[str, ...]
    log: str
    debug: bool
    demo: bool

    @property
    def demo_mark(self) -> Path:
        """The file that says that a data folder holds a demo, so that its made-up people are never mailed."""
        return self.data / "demo"


def read(environ: Mapping[str, str] | None = None) -> Settings:
    """Every setting, from `environ` (the process's own if None) and from the settings file; the environment wins.

    Raises `Sorry` (exit code 2) for a name that we do not know, and for the first value that cannot be read.
    """
    told = {name: text for name, text in (os.environ if environ is None else environ).items() if name.startswith(PREFIX)}
    known = {setting.name: setting for setting in SETTINGS}
    refuse_unknown(told, "the environment")
    data = _value(known["TOUCHLINE_DATA"], told) or CHECKOUT / ("data-demo" if _value(known["TOUCHLINE_DEMO"], told) else "data")
    file = _value(known["TOUCHLINE_SETTINGS"], told) or data / "touchline.env"
    if file.exists() or "TOUCHLINE_SETTINGS" in told:
        told = {**read_file(file, beside_data="TOUCHLINE_SETTINGS" not in told), **told}
    values = {setting.field: _value(setting, told) for setting in SETTINGS}
    values["data"] = values["data"] or data
    values["database_url"] = values["database_url"] or sqlite(values["data"] / "touchline.sqlite3")
    values["demo"] = values["demo"] or (values["data"] / "demo").exists()
    values["public_url"] = values["public_url"] or _public_url(values["host"], values["port"])
    settings = Settings(**values)
    _refuse_what_is_unsafe(settings, public_url_was_told=bool(told.get("TOUCHLINE_PUBLIC_URL")))
    return settings


def read_file(file: Path, *, beside_data: bool) -> dict[str, str]:
    """The settings in a file: a line `NAME=value` each, with `#` for remarks and quotes around a value if one likes."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as trouble:
        wrong(f"The settings file {file} cannot be read ({_reason(trouble)}). Correct TOUCHLINE_SETTINGS or the file.")
    told: dict[str, str] = {}
    for number, line in enumerate(lines, start=1):
        line = line.strip().removeprefix("export ")
        if line and not line.startswith("#"):
            name, equals, value = (part.strip() for part in line.partition("="))
            if not equals:
                wrong(f"Line {number} of {file} is not NAME=value.")
            if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"":
                value = value[1:-1]
            told[name] = value
    refuse_unknown(told, str(file))
    if "TOUCHLINE_SETTINGS" in told or (beside_data and {"TOUCHLINE_DATA", "TOUCHLINE_DEMO"} & told.keys()):
        wrong(
            f"{file} is found by its place, so it cannot move it: set TOUCHLINE_DATA and TOUCHLINE_SETTINGS in the environment."
        )
    return told


def refuse_unknown(names: Iterable[str], where: str) -> None:
    """Refuse a name that is no setting, with the one that was probably meant."""
    known = [setting.name for setting in SETTINGS] + [setting.name + "_FILE" for setting in SETTINGS if setting.secret]
    for name in names:
        if name not in known:
            near = difflib.get_close_matches(name.removeprefix(PREFIX), [other.removeprefix(PREFIX) for other in known], n=1)
            meant = f"Did you mean {PREFIX}{near[0]}?" if near else "docs/settings.md lists them all."
            wrong(f"{name}, in {where}, is no setting of Touchline. {meant}")


def sqlite(file: Path) -> dict[str, Any]:
    """A database in one file, as Django's DATABASES wants it.

    IMMEDIATE, since a transaction that reads before it writes would otherwise fail as soon as another one writes.
    FULL, since a mail is acknowledged after its commit: the commit must be on the disk.
    """
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(file),
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;PRAGMA cache_size=-65536;"
            "PRAGMA mmap_size=268435456;PRAGMA temp_store=MEMORY;PRAGMA foreign_keys=ON;",
        },
    }


def postgresql(url: SplitResult) -> dict[str, Any]:
    """A PostgreSQL database, as Django's DATABASES wants it; what stands after the `?` goes to libpq as it is."""
    options: dict[str, Any] = dict(parse_qsl(url.query))
    host = options.pop("host", "") or unquote(url.hostname or "")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(url.path.removeprefix("/")) or "touchline",
        "USER": unquote(url.username or ""),
        "PASSWORD": unquote(url.password or ""),
        "HOST": host,
        "PORT": str(url.port or options.pop("port", "")),
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"connect_timeout": "10", **options, "pool": {"min_size": 1, "max_size": 20, "timeout": 20}},
    }


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches `host`."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def wrong(sentence: str) -> NoReturn:
    """Say that something was told wrongly: a sentence, and exit code 2."""
    raise Sorry(sentence, exit_code=2)


def _value(setting: Setting, told: Mapping[str, str]) -> Any:
    text = told.get(setting.name, "").strip()
    file = told.get(setting.name + "_FILE", "").strip() if setting.secret else ""
    if text and file:
        wrong(f"Both {setting.name} and {setting.name}_FILE are set. Keep one of them.")
    if file:
        try:
            text = Path(file).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as trouble:
            wrong(f"{setting.name}_FILE names {file}, which cannot be read ({_reason(trouble)}).")
        if not text:
            wrong(f"{setting.name}_FILE names {file}, which is empty.")
    try:
        return setting.read(text or setting.default)
    except ValueError as trouble:
        shown = setting.name if setting.secret else f"{setting.name}={text}"
        wrong(f"{shown} {trouble}.")


def _refuse_what_is_unsafe(settings: Settings, *, public_url_was_told: bool) -> None:
    if settings.demo and not is_loopback(settings.host):
        wrong(f"A demo is for this machine only: TOUCHLINE_HOST={settings.host} would show it to others. Unset TOUCHLINE_HOST.")
    if not is_loopback(settings.host) and not public_url_was_told:
        wrong(
            f"TOUCHLINE_HOST={settings.host} lets other machines in, so Touchline must know its own address: "
            "set TOUCHLINE_PUBLIC_URL to what people will type, such as https://help.example.com."
        )
    if settings.mail_in and not is_loopback(settings.mail_in[0]) and (settings.demo or not settings.mail_in_outside):
        wrong(
            f"TOUCHLINE_MAIL_IN={settings.mail_in[0]}:{settings.mail_in[1]} takes mail from other machines: "
            "if you mean it, set TOUCHLINE_MAIL_IN_OUTSIDE=yes (never for a demo)."
        )


def _public_url(host: str, port: int) -> str:
    shown = "127.0.0.1" if host == "localhost" else host
    return f"http://[{shown}]:{port}" if ":" in shown else f"http://{shown}:{port}"


def _reason(trouble: Exception) -> str:
    return (trouble.strerror or str(trouble)) if isinstance(trouble, OSError) else "it is not UTF-8"


def _text(text: str) -> str:
    return text


def _path(text: str) -> Path | None:
    return Path(text).expanduser().absolute() if text else None


def _yes_or_no(text: str) -> bool:
    if text.lower() in ("yes", "on", "true", "1"):
        return True
    if text.lower() in ("no", "off", "false", "0"):
        return False
    raise ValueError("is neither yes nor no")


def _number(least: int, most: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        if not (text.isascii() and text.isdigit() and least <= int(text) <= most):
            raise ValueError(f"is not a whole number between {least} and {most}")
        return int(text)

    return number


def _one_of(*words: str) -> Callable[[str], str]:
    def one_of(text: str) -> str:
        if text not in words:
            raise ValueError(f"is none of {', '.join(words)}")
        return text

    return one_of


def _host(text: str) -> str:
    host = text.strip("[]")
    try:
        ipaddress.ip_address(host)
    except ValueError:
        if host != "localhost":
            raise ValueError("is no address of this machine, such as 127.0.0.1, or 0.0.0.0 for all of them") from None
    return host


def _host_and_port(text: str) -> tuple[str, int] | None:
    if text == "off":
        return None
    host, _, port = text.rpartition(":")
    try:
        return _host(host), _number(1, 65535)(port)
    except ValueError:
        raise ValueError("is neither off nor an address and a port, such as 127.0.0.1:8025") from None


def _database(text: str) -> dict[str, Any] | None:
    if not text:
        return None
    try:
        url = urlsplit(text)
        if url.scheme in ("postgresql", "postgres"):
            return postgresql(url)
        if url.scheme == "sqlite" and url.path:
            return sqlite(Path(unquote(url.path)))
    except ValueError:
        pass
    raise ValueError(
        "is no address of a database: write postgresql://name:password@host:5432/touchline, or sqlite:///path/to/file"
    )


def _spam_check(text: str) -> str:
    from touchline.channels.spam_check import Filter

    if text:
        Filter.at(text)
    return text


def _url(text: str) -> str:
    try:
        url = urlsplit(text)
        fine = url.scheme in ("http", "https") and url.hostname and not (url.query or url.fragment or url.username)
        _ = url.port
    except ValueError:
        fine = False
    if text and (not fine or url.path not in ("", "/")):
        raise ValueError("is not an address such as https://help.example.com, with nothing after the name and port")
    return text.rstrip("/")


def _proxies(text: str) -> tuple[str, ...]:
    proxies = tuple(part.strip() for part in text.split(",") if part.strip())
    for proxy in proxies:
        try:
            ipaddress.ip_network(proxy)
        except ValueError:
            raise ValueError("is not a list of addresses or networks, such as 127.0.0.1,10.0.0.0/8") from None
    return proxies


def _hosts(text: str) -> tuple[str, ...]:
    hosts = tuple(part.strip().strip("[]").lower() for part in text.split(",") if part.strip())
    for host in hosts:
        if not all(letter.isalnum() or letter in ".-_:" for letter in host):
            raise ValueError("is not a list of hosts, such as hooks.internal,10.0.0.7, with neither https nor a port")
    return hosts


def _keys(text: str) -> tuple[str, ...]:
    return tuple(_key(line.strip()) for line in text.splitlines() if line.strip())


def _key(text: str) -> str:
    if text and len(text) < 32:
        raise ValueError("is too short to be a secret: 32 characters at least")
    return text


SETTINGS = (
    Setting(
        "TOUCHLINE_SETTINGS",
        "",
        "A file with settings, a line NAME=value each. Else `touchline.env` in the data folder, if it is there.",
        _path,
    ),
    Setting(
        "TOUCHLINE_DATA",
        "",
        "The data folder: database, files, secret key. Else `data` in the checkout (`data-demo` for a demo).",
        _path,
    ),
    Setting(
        "TOUCHLINE_DATABASE_URL",
        "",
        "`postgresql://name:password@host:5432/touchline`, with libpq's options after a `?`. Else an SQLite file in the data folder.",
        _database,
        secret=True,
    ),
    Setting(
        "TOUCHLINE_HOST",
        "127.0.0.1",
        "The address to listen at; `0.0.0.0` for all of this machine's, which needs TOUCHLINE_PUBLIC_URL.",
        _host,
    ),
    Setting("TOUCHLINE_PORT", "8000", "The port to listen at.", _number(1, 65535)),
    Setting(
        "TOUCHLINE_PUBLIC_URL",
        "",
        "Where people reach it, such as `https://help.example.com`; used in links, and no other name is answered.",
        _url,
    ),
    Setting(
        "TOUCHLINE_TRUST_PROXY",
        "",
        "Addresses of reverse proxies whose X-Forwarded-For and X-Forwarded-Proto are believed, with commas between.",
        _proxies,
    ),
    Setting(
        "TOUCHLINE_MAIL_IN", "127.0.0.1:8025", "Where mail is taken by SMTP and LMTP, as address:port, or `off`.", _host_and_port
    ),
    Setting(
        "TOUCHLINE_MAIL_IN_OUTSIDE", "no", "`yes` to allow TOUCHLINE_MAIL_IN an address that other machines reach.", _yes_or_no
    ),
    Setting(
        "TOUCHLINE_MAIL_IN_CERT",
        "",
        "The mail door’s certificate with its chain, a PEM file: with it the door offers STARTTLS.",
        _path,
    ),
    Setting("TOUCHLINE_MAIL_IN_KEY", "", "The key of that certificate, where it is in a file of its own.", _path),
    Setting("TOUCHLINE_MAX_MAIL_MB", "50", "The largest mail that is taken, in megabytes (1 to 500).", _number(1, 500)),
    Setting(
        "TOUCHLINE_SPAM_CHECK",
        "",
        "A spam filter of your own to ask: `rspamd://127.0.0.1:11333` (`/?password=…` if it wants one) or `spamd://127.0.0.1:783`.",
        _spam_check,
        secret=True,
    ),
    Setting(
        "TOUCHLINE_VERIFY_DKIM",
        "yes",
        "`no` to look up no keys of senders' signatures (DKIM) where your mail server says nothing of them.",
        _yes_or_no,
    ),
    Setting(
        "TOUCHLINE_SECRET_KEY",
        "",
        "Signs sessions and reply addresses. Else one is made at the first start and kept in `secret.key`.",
        _key,
        secret=True,
    ),
    Setting(
        "TOUCHLINE_OLD_SECRET_KEYS",
        "",
        "Keys from before, a line each, that still open what they locked and know what they signed; `touchline keys rotate` needs them once.",
        _keys,
        secret=True,
    ),
    Setting(
        "TOUCHLINE_OAUTH_LOOPBACK",
        "no",
        "`yes` lets a mailbox sign in at an OAuth2 provider on this machine without encryption. For tests.",
        _yes_or_no,
    ),
    Setting(
        "TOUCHLINE_WEBHOOK_PRIVATE_HOSTS",
        "",
        "Names or numbers of hosts in your own network that webhooks may be sent to, with commas between; without encryption too.",
        _hosts,
    ),
    Setting("TOUCHLINE_LOG", "text", "How the log is written: `text` for people, `json` for machines.", _one_of("text", "json")),
    Setting(
        "TOUCHLINE_DEBUG",
        "no",
        "`yes` shows the insides of an error on its page. For developers; never where others can reach it.",
        _yes_or_no,
    ),
    Setting(
        "TOUCHLINE_DEMO",
        "no",
        "`yes` is what `up --demo` sets: a made-up desk in a folder of its own that mails nobody.",
        _yes_or_no,
    ),
)


def django() -> None:
    """Start Django, once, with our settings."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "touchline.settings")
    import django as the_framework

    the_framework.setup()
