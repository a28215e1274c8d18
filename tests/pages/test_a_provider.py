"""Mail at a provider that wants no password: Kay signs in there once, chooses folders, and it flows until she takes it back."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.house import SUPPORT, House, mail
from tests.oauth_server import OAuthServer, dovecot_lines
from tests.pages.flaws import flaws
from tests.pages.steps import come_upon, open_from, sign_in, start_writing, told
from tests.servers import DOVECOT, Dovecot, SmtpSink, running_dovecot

pytestmark = [pytest.mark.browser, pytest.mark.servers]


@pytest.fixture
def server() -> Iterator[OAuthServer]:
    server = OAuthServer(account="kay@harbour.example").start()
    yield server
    server.stop()


@pytest.fixture
def dovecot(server: OAuthServer, tmp_path: Path) -> Iterator[Dovecot]:
    if not DOVECOT:
        pytest.skip("dovecot is not installed: apt install dovecot-imapd")
    for folder in (tmp_path, *list(tmp_path.parents)[:2]):
        folder.chmod(0o755)
    with running_dovecot(dovecot_lines(server, tmp_path / "oauth2.conf.ext")) as running:
        yield running


@pytest.fixture
def post(server: OAuthServer) -> Iterator[SmtpSink]:
    sink = SmtpSink(tokens=lambda _user, token: server.good(token)).start()
    yield sink
    sink.stop()


@pytest.fixture
def house(house: House) -> House:
    house.stop()
    house.told["TOUCHLINE_OAUTH_LOOPBACK"] = "yes"
    return house.start()


def say_servers(page: Page, dovecot: Dovecot, post: SmtpSink) -> None:
    incoming, outgoing = (page.get_by_role("group", name=name) for name in ("How mail comes in", "How replies go out"))
    incoming.get_by_label("IMAP server").fill("127.0.0.1")
    incoming.get_by_label("Port").fill(str(dovecot.port))
    incoming.get_by_label("Security").select_option("none")
    outgoing.get_by_label("SMTP server").fill("127.0.0.1")
    outgoing.get_by_label("Port").fill(str(post.port))
    outgoing.get_by_label("Security").select_option("none")
    outgoing.get_by_label("Sign in there with the same").uncheck()
    page.locator("form", has=incoming).get_by_role("button", name="Keep it", exact=True).click()
    told(page, "This is kept.")


def test_kay_signs_in_at_her_provider_and_mail_flows_until_she_takes_it_back(
    page: Page, house: House, server: OAuthServer, dovecot: Dovecot, post: SmtpSink
) -> None:
    dovecot.deliver(server.account, b"Subject: x\r\n\r\nx\r\n", folder="Junk", seen=True)
    sign_in(page, house)
    page.goto(f"{house.url}/settings/mailboxes/")
    page.get_by_role("link", name=SUPPORT).click()
    page.get_by_role("link", name="Sign in at a provider").click()
    assert flaws(page) == []
    page.get_by_label("Provider").select_option("other")
    page.get_by_label("Client id").fill(server.client_id)
    page.get_by_label("Client secret", exact=True).fill(server.client_secret)
    page.get_by_label("Its address").fill(server.issuer)
    page.get_by_label("What to ask for").fill("openid email mail")
    page.get_by_role("button", name="Keep it").click()
    page.get_by_role("link", name="Back to the mailbox").click()
    say_servers(page, dovecot, post)

    page.get_by_role("link", name="Sign in at a provider").click()
    page.get_by_role("link", name="Sign in at 127.0.0.1").click()
    page.get_by_role("button", name="Do not allow").click()
    told(page, "You did not let us in there. Nothing was changed.")
    page.get_by_role("link", name="Sign in at 127.0.0.1").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Harbour Sign-in")
    page.get_by_role("button", name="Allow", exact=True).click()
    told(page, "Signed in as kay@harbour.example.")
    assert page.get_by_label("Password", exact=True).count() == 0
    assert flaws(page) == []

    page.get_by_role("link", name="Choose folders").click()
    assert flaws(page) == []
    page.get_by_label("Folder of spam").select_option("Junk")
    page.get_by_label("Mark it as read and move it").check()
    page.get_by_label("or to a new folder by this name").fill("At the desk")
    page.get_by_role("button", name="Keep it").click()
    told(page, "This is kept.")
    expect(page.locator("main")).to_contain_text("Once we have a mail, it is moved to “At the desk” there.")

    dovecot.deliver(server.account, mail("Do you open on Sundays?", subject="Sundays"))
    open_from(page, house, "waiting", "Nora Adeyemi")
    start_writing(page)
    page.keyboard.type("We do.")
    page.keyboard.press("Control+Enter")
    post.wait_for(1)
    assert {user for user, _token in post.logins} == {"kay@harbour.example"}
    with dovecot.client(server.account) as client:
        assert client.folder_status("At the desk", ["MESSAGES"])[b"MESSAGES"] == 1

    server.end_access()
    dovecot.deliver(server.account, mail("And on Mondays?", subject="Mondays", sender="Ilse Brandt <ilse@garden.example>"))
    open_from(page, house, "waiting", "Ilse Brandt")
    assert [asked["grant_type"] for asked in server.asked].count("refresh_token") >= 1

    server.revoke()
    house.stop()  # whatever line was open is made anew, and let in no more
    house.start()
    banner = page.get_by_role("link", name="Sign in again")
    come_upon(page, f"{house.url}/", banner)
    assert flaws(page) == []
    banner.click()
    page.locator("main").get_by_role("link", name="Sign in again").click()
    page.get_by_role("button", name="Allow", exact=True).click()
    told(page, "Signed in as kay@harbour.example.")
    dovecot.deliver(server.account, mail("And at night?", subject="Nights", sender="Tomás Lima <tomas@harbour.example>"))
    open_from(page, house, "waiting", "Tomás Lima")
    for secret in (server.client_secret, *server.refresh, *server.access):
        assert secret not in house.output()
