"""Settings: read once, from the environment or a file, and never passed over in silence."""

from pathlib import Path

import pytest

from touchline.work import environment
from touchline.work.environment import SETTINGS, Settings, Sorry, read


def told(tmp_path: Path, **names: str) -> Settings:
    return read({"TOUCHLINE_DATA": str(tmp_path), **names})


def refused(tmp_path: Path, **names: str) -> str:
    with pytest.raises(Sorry) as sorry:
        told(tmp_path, **names)
    assert sorry.value.exit_code == 2
    assert "\n" not in str(sorry.value)
    return str(sorry.value)


def test_nothing_set_is_safe(tmp_path: Path) -> None:
    settings = told(tmp_path)
    assert (settings.host, settings.port) == ("127.0.0.1", 8000)
    assert settings.mail_in == ("127.0.0.1", 8025)
    assert settings.public_url == "http://127.0.0.1:8000"
    assert settings.trust_proxy == ()
    assert not settings.debug and not settings.demo and not settings.mail_in_outside


def test_the_data_folder_is_in_the_checkout_and_a_demo_has_its_own() -> None:
    assert read({}).data == environment.CHECKOUT / "data"
    assert read({"TOUCHLINE_DEMO": "yes"}).data == environment.CHECKOUT / "data-demo"


def test_the_database_is_a_file_in_the_data_folder(tmp_path: Path) -> None:
    database = told(tmp_path).database_url
    assert database["NAME"] == str(tmp_path / "touchline.sqlite3")
    assert database["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert "synchronous=FULL" in database["OPTIONS"]["init_command"]


def test_a_postgresql_address_is_taken_apart(tmp_path: Path) -> None:
    url = "postgresql://kay:p%40ss@db.lantern.example:5433/desk?sslmode=verify-full&options=-c%20search_path%3Ddesk"
    database = told(tmp_path, TOUCHLINE_DATABASE_URL=url).database_url
    assert [database[key] for key in ("NAME", "USER", "PASSWORD", "HOST", "PORT")] == [
        "desk",
        "kay",
        "p@ss",
        "db.lantern.example",
        "5433",
    ]
    assert database["OPTIONS"]["sslmode"] == "verify-full"
    assert database["OPTIONS"]["options"] == "-c search_path=desk"


def test_a_postgresql_socket_is_named_after_the_question_mark(tmp_path: Path) -> None:
    database = told(tmp_path, TOUCHLINE_DATABASE_URL="postgresql:///desk?host=/run/postgresql&port=5433").database_url
    assert (database["HOST"], database["PORT"], database["NAME"]) == ("/run/postgresql", "5433", "desk")
    assert not {"host", "port"} & database["OPTIONS"].keys()


def test_a_file_in_the_data_folder_is_read_and_the_environment_wins(tmp_path: Path) -> None:
    (tmp_path / "touchline.env").write_text('# ours\nexport TOUCHLINE_PORT=9000\n\nTOUCHLINE_LOG="json"\n')
    assert told(tmp_path).port == 9000
    assert told(tmp_path).log == "json"
    assert told(tmp_path, TOUCHLINE_PORT="9001").port == 9001


def test_a_file_may_be_named(tmp_path: Path) -> None:
    file = tmp_path / "elsewhere.env"
    file.write_text(f"TOUCHLINE_DATA={tmp_path / 'desk'}\n")
    assert read({"TOUCHLINE_SETTINGS": str(file)}).data == tmp_path / "desk"


def test_a_named_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    assert "cannot be read" in refused(tmp_path, TOUCHLINE_SETTINGS=str(tmp_path / "none.env"))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("TOUCHLINE_PROT=9000", "TOUCHLINE_PORT"),
        ("PORT=9000", "no setting"),
        ("TOUCHLINE_PORT", "Line 1"),
        ("TOUCHLINE_DATA=/elsewhere", "cannot move it"),
        ("TOUCHLINE_PORT=many", "whole number"),
    ],
)
def test_a_line_of_the_file_that_makes_no_sense_is_said(tmp_path: Path, line: str, said: str) -> None:
    (tmp_path / "touchline.env").write_text(line + "\n")
    assert said in refused(tmp_path)


def test_an_unknown_name_is_refused_with_the_one_that_was_meant(tmp_path: Path) -> None:
    assert "Did you mean TOUCHLINE_MAIL_IN?" in refused(tmp_path, TOUCHLINE_MAILIN="off")
    assert "Did you mean" not in refused(tmp_path, TOUCHLINE_="off")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "0"),
        ("PORT", "65536"),
        ("PORT", "８０００"),
        ("PORT", "80 00"),
        ("HOST", "desk.example"),
        ("MAIL_IN", "8025"),
        ("MAIL_IN", "127.0.0.1:"),
        ("MAIL_IN", "127.0.0.1:0"),
        ("MAIL_IN_OUTSIDE", "perhaps"),
        ("PUBLIC_URL", "help.example.com"),
        ("PUBLIC_URL", "https://help.example.com/desk"),
        ("PUBLIC_URL", "https://kay:secret@help.example.com"),
        ("PUBLIC_URL", "https://help.example.com:port"),
        ("TRUST_PROXY", "everyone"),
        ("DATABASE_URL", "mysql://kay@db/desk"),
        ("DATABASE_URL", "postgresql://kay@db:port/desk"),
        ("MAX_MAIL_MB", "-1"),
        ("LOG", "xml"),
        ("DEBUG", "2"),
        ("SECRET_KEY", "short"),
    ],
)
def test_a_value_that_cannot_be_read_is_refused_by_name(tmp_path: Path, name: str, value: str) -> None:
    assert f"TOUCHLINE_{name}" in refused(tmp_path, **{f"TOUCHLINE_{name}": value})


def test_a_secret_is_never_repeated(tmp_path: Path) -> None:
    assert "hunter2" not in refused(tmp_path, TOUCHLINE_DATABASE_URL="mysql://kay:hunter2@db/desk")
    assert "hunter2" not in refused(tmp_path, TOUCHLINE_SECRET_KEY="hunter2")


def test_a_secret_may_come_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text("k" * 50 + "\n")
    assert told(tmp_path, TOUCHLINE_SECRET_KEY_FILE=str(file)).secret_key == "k" * 50
    assert "Keep one" in refused(tmp_path, TOUCHLINE_SECRET_KEY_FILE=str(file), TOUCHLINE_SECRET_KEY="k" * 50)
    assert "cannot be read" in refused(tmp_path, TOUCHLINE_SECRET_KEY_FILE=str(tmp_path / "none"))
    file.write_text("\n")
    assert "empty" in refused(tmp_path, TOUCHLINE_SECRET_KEY_FILE=str(file))


def test_only_secrets_come_from_files(tmp_path: Path) -> None:
    assert "no setting" in refused(tmp_path, TOUCHLINE_PORT_FILE="/dev/null")


def test_other_machines_are_let_in_only_with_an_address_of_our_own(tmp_path: Path) -> None:
    assert "TOUCHLINE_PUBLIC_URL" in refused(tmp_path, TOUCHLINE_HOST="0.0.0.0")
    assert (
        told(tmp_path, TOUCHLINE_HOST="0.0.0.0", TOUCHLINE_PUBLIC_URL="https://help.example.com/").public_url
        == "https://help.example.com"
    )


def test_mail_from_other_machines_needs_an_explicit_yes(tmp_path: Path) -> None:
    assert "TOUCHLINE_MAIL_IN_OUTSIDE=yes" in refused(tmp_path, TOUCHLINE_MAIL_IN="0.0.0.0:25")
    assert told(tmp_path, TOUCHLINE_MAIL_IN="0.0.0.0:25", TOUCHLINE_MAIL_IN_OUTSIDE="yes").mail_in == ("0.0.0.0", 25)
    assert told(tmp_path, TOUCHLINE_MAIL_IN="[::1]:8025").mail_in == ("::1", 8025)
    assert told(tmp_path, TOUCHLINE_MAIL_IN="off").mail_in is None


def test_a_demo_never_leaves_this_machine(tmp_path: Path) -> None:
    address = {"TOUCHLINE_DEMO": "yes", "TOUCHLINE_PUBLIC_URL": "https://help.example.com"}
    assert "demo" in refused(tmp_path, TOUCHLINE_HOST="0.0.0.0", **address)
    assert "demo" in refused(tmp_path, TOUCHLINE_MAIL_IN="0.0.0.0:25", TOUCHLINE_MAIL_IN_OUTSIDE="yes", **address)


def test_a_folder_that_holds_a_demo_stays_one(tmp_path: Path) -> None:
    settings = told(tmp_path)
    settings.demo_mark.write_text("ready")
    assert told(tmp_path).demo


def test_every_setting_has_a_field_and_a_default_that_can_be_read() -> None:
    assert {setting.field for setting in SETTINGS} == set(Settings.__dataclass_fields__)
    for setting in SETTINGS:
        setting.read(setting.default)


def test_the_secret_key_is_made_once_and_kept_from_others(tmp_path: Path) -> None:
    from touchline.settings import secret_keys

    settings = told(tmp_path / "desk")
    keys = secret_keys(settings)
    key = keys[0]
    assert len(key) > 60
    assert secret_keys(settings) == keys == [key]
    assert (tmp_path / "desk/secret.key").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "desk").stat().st_mode & 0o777 == 0o700
    assert [file.name for file in (tmp_path / "desk").iterdir()] == ["secret.key"]
    (tmp_path / "desk/secret.key").write_text("")
    with pytest.raises(Sorry, match="backup"):
        secret_keys(settings)
