"""What servers really say when something is wrong, and what we make of it."""

import re

import pytest

from touchline.core.mail.remedies import REMEDIES, remedy

# (the name of the remedy, the server, what it said)
SAID = [
    ("google-app-password", "imap.gmail.com", "[ALERT] Application-specific password required: https://support.google.com/accounts/answer/185833 (Failure)"),
    ("google-app-password", "smtp.gmail.com", "534 5.7.9 Application-specific password required. For more information, go to https://support.google.com/mail/?p=InvalidSecondFactor"),
    ("google-web-login", "imap.gmail.com", "[ALERT] Please log in via your web browser: https://support.google.com/mail/accounts/answer/78754 (Failure)"),
    ("google-web-login", "smtp.gmail.com", "534 5.7.14 <https://accounts.google.com/signin/continue?sarp=1> Please log in via your web browser and then try again."),
    ("google-imap-off", "imap.gmail.com", "[ALERT] Your account is not enabled for IMAP use. Please visit your Gmail settings page and enable your account for IMAP access. (Failure)"),
    ("google-password", "imap.gmail.com", "[AUTHENTICATIONFAILED] Invalid credentials (Failure)"),
    ("google-password", "smtp.gmail.com", "535 5.7.8 Username and Password not accepted. For more information, go to https://support.google.com/mail/?p=BadCredentials - gsmtp"),
    ("google-too-many", "imap.gmail.com", "[ALERT] Too many simultaneous connections. (Failure)"),
    ("google-too-many", "imap.gmail.com", "[OVERQUOTA] Account exceeded command or bandwidth limits. (Failure)"),
    ("google-too-many", "smtp.gmail.com", "454 4.7.0 Too many login attempts, please try again later. - gsmtp"),
    ("daily-limit", "smtp.gmail.com", "550 5.4.5 Daily user sending limit exceeded. - gsmtp"),
    ("microsoft-smtp-off-tenant", "smtp.office365.com", "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant. Visit https://aka.ms/smtp_auth_disabled for more information."),
    ("microsoft-smtp-off-mailbox", "smtp.office365.com", "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Mailbox."),
    ("microsoft-basic-off", "smtp-mail.outlook.com", "535 5.7.139 Authentication unsuccessful, basic authentication is disabled."),
    ("microsoft-policy", "smtp.office365.com", "535 5.7.139 Authentication unsuccessful, the request did not meet the criteria to be authenticated successfully. Contact your administrator."),
    ("microsoft-password", "smtp.office365.com", "535 5.7.3 Authentication unsuccessful"),
    ("microsoft-password", "outlook.office365.com", "LOGIN failed."),
    ("microsoft-send-as", "smtp.office365.com", "554 5.2.252 SendAsDenied; kay@lantern.example not allowed to send as help@lantern.example; STOREDRV.Submission.Exception:SendAsDeniedException"),
    ("microsoft-not-connected", "outlook.office365.com", "BAD User is authenticated but not connected."),
    ("microsoft-anonymous", "smtp.office365.com", "530 5.7.57 Client not authenticated to send mail."),
    ("microsoft-blocked", "smtp.office365.com", "550 5.1.8 Access denied, bad outbound sender."),
    ("microsoft-thread-limit", "smtp.office365.com", "432 4.3.2 STOREDRV.ClientSubmit; sender thread limit exceeded"),
    ("yahoo-icloud-aol", "imap.mail.yahoo.com", "[AUTHENTICATIONFAILED] LOGIN Invalid credentials"),
    ("yahoo-icloud-aol", "imap.mail.me.com", "[AUTHENTICATIONFAILED] Authentication Failed"),
    ("app-password", "smtp.mail.ru", "535 5.7.0 NEOBHODIM parol prilozheniya https://help.mail.ru/mail/security/protection/external / Application password is REQUIRED"),
    ("app-password", "smtp.qq.com", "535 Login Fail. Please enter your authorization code to login."),
    ("fastmail-password", "smtp.fastmail.com", "535 5.7.0 Incorrect username or password"),
    ("access-not-switched-on", "smtp.yandex.com", "535 5.7.8 Error: authentication failed: This user does not have access rights to this service"),
    ("access-not-switched-on", "imap.zoho.com", "[ALERT] You are yet to enable IMAP for your account. Please contact your administrator (Failure)"),
    ("access-not-switched-on", "imap.163.com", "SELECT Unsafe Login. Please contact kefu@188.com for help"),
    ("ses-credentials", "email-smtp.eu-west-1.amazonaws.com", "535 Authentication Credentials Invalid"),
    ("sender-not-verified", "email-smtp.eu-west-1.amazonaws.com", "554 Message rejected: Email address is not verified. The following identities failed the check in region EU-WEST-1: help@lantern.example"),
    ("sender-not-verified", "smtp.sendgrid.net", "550 The from address does not match a verified Sender Identity. Mail cannot be sent until this error is resolved."),
    ("unauthorized-ip", "smtp-relay.brevo.com", "525 5.7.1 Unauthorized IP address"),
    ("plaintext-refused", "mail.lantern.example", "[PRIVACYREQUIRED] Plaintext authentication disallowed on non-secure (SSL/TLS) connections."),
    ("plaintext-refused", "mail.lantern.example", "530 5.7.0 Must issue a STARTTLS command first"),
    ("plaintext-refused", "mail.lantern.example", "538 5.7.11 Encryption required for requested authentication mechanism"),
    ("temporary-sign-in", "mail.lantern.example", "[UNAVAILABLE] Temporary authentication failure. [mail:2026-03-02 09:00:00]"),
    ("temporary-sign-in", "mail.lantern.example", "454 4.7.0 Temporary authentication failure: Connection lost to authentication server"),
    ("no-starttls", "mail.lantern.example", "454 4.7.0 TLS not available due to local problem"),
    ("in-use", "mail.lantern.example", "[INUSE] Mailbox in use"),
    ("too-many-tries", "imap.mail.yahoo.com", "[LIMIT] LOGIN Rate limit hit."),
    ("too-many-tries", "mail.lantern.example", "421 4.7.0 mail.lantern.example Error: too many errors"),
    ("expired", "mail.lantern.example", "[EXPIRED] Password expired"),
    ("contact-admin", "mail.lantern.example", "[CONTACTADMIN] Account is suspended"),
    ("not-authorized", "mail.lantern.example", "[AUTHORIZATIONFAILED] Not authorized to access as help"),
    ("token-refused", "imap.gmail.com", "AUTHENTICATE failed: invalid_grant: Token has been expired or revoked."),
    ("no-sign-in-here", "mail.lantern.example", "503 5.5.1 Error: authentication not enabled"),
    ("sign-in-needed", "mail.lantern.example", "554 5.7.1 <help@lantern.example>: Relay access denied"),
    ("sign-in-needed", "mail.lantern.example", "530 5.7.1 Authentication required"),
    ("wrong-password", "mail.lantern.example", "535 5.7.8 Error: authentication failed: UGFzc3dvcmQ6"),
    ("wrong-password", "mail.lantern.example", "535 Incorrect authentication data"),
    ("wrong-password", "mail.lantern.example", "[AUTHENTICATIONFAILED] Authentication failed."),
    ("no-folder", "mail.lantern.example", "[NONEXISTENT] Mailbox doesn't exist: Help"),
    ("no-folder", "mail.lantern.example", "[TRYCREATE] Mailbox doesn't exist: Done"),
    ("folder-rights", "mail.lantern.example", "[NOPERM] Permission denied"),
    ("full", "mail.lantern.example", "452 4.2.2 <help@lantern.example>: Quota exceeded (mailbox for user is full)"),
    ("full", "mail.lantern.example", "[OVERQUOTA] Quota exceeded (mailbox for user is full)"),
    ("full", "mail.lantern.example", "452 4.3.1 Insufficient system storage"),
    ("too-large", "mail.lantern.example", "552 5.3.4 Message size exceeds fixed limit"),
    ("unauthenticated-sender", "smtp.lantern.example", "550 5.7.26 This mail has been blocked because the sender is unauthenticated. Gmail requires all senders to authenticate with either SPF or DKIM."),
    ("no-reverse-name", "mail.lantern.example", "450 4.7.25 Client host rejected: cannot find your hostname, [203.0.113.7]"),
    ("block-list", "mail.lantern.example", "554 5.7.1 Service unavailable; Client host [203.0.113.7] blocked using zen.spamhaus.org"),
    ("block-list", "outlook-com.olc.protection.outlook.com", "550 5.7.1 Unfortunately, messages from [203.0.113.7] weren't sent. Please contact your Internet service provider since part of their network is on our block list (S3140)."),
    ("taken-for-spam", "mail.lantern.example", "554 5.7.1 Spam message rejected"),
    ("sender-not-ours", "mail.lantern.example", "553 5.7.1 <help@lantern.example>: Sender address rejected: not owned by user kay@lantern.example"),
    ("no-such-recipient", "mail.lantern.example", "550 5.1.1 <help+tl-doctor@lantern.example>: Recipient address rejected: User unknown in virtual mailbox table"),
    ("greylisted", "mail.lantern.example", "450 4.2.0 <help@lantern.example>: Recipient address rejected: Greylisted, see http://postgrey.schweikert.ch"),
    ("shut-for-now", "mail.lantern.example", "421 4.3.2 Service not available, closing transmission channel"),
]  # fmt: skip

# Sentences of our own, as the channels say them.
OURS = [
    ("certificate-name", "The certificate of mail.lantern.example cannot be trusted: Hostname mismatch, certificate is not valid for 'mail.lantern.example'."),
    ("certificate-self-signed", "The certificate of mail.lantern.example cannot be trusted: self-signed certificate."),
    ("certificate-expired", "The certificate of mail.lantern.example cannot be trusted: certificate has expired."),
    ("certificate-unknown", "The certificate of mail.lantern.example cannot be trusted: unable to get local issuer certificate."),
    ("wrong-security", "Encryption with mail.lantern.example on port 143 could not be agreed on (wrong version number). TLS and STARTTLS have ports of their own."),
    ("no-starttls", "mail.lantern.example does not offer STARTTLS on port 25. Try TLS on port 465."),
    ("clear-refused", "Without encryption the password for mail.lantern.example could be read on the way. Choose TLS or STARTTLS."),
    ("no-such-name", "There is no mail server by the name of imap.lantren.example. Is it spelled right?"),
    ("no-names-now", "The name imap.lantern.example could not be looked up just now."),
    ("nobody-answers", "Nobody answers at mail.lantern.example on port 993."),
    ("silence", "The mail server mail.lantern.example did not answer within 20 seconds."),
    ("silence", "The next step took longer than 20 seconds. Is something in between not letting us through?"),
    ("not-reached", "The mail server mail.lantern.example could not be reached: Network is unreachable."),
    ("hung-up", "The mail server mail.lantern.example hung up."),
    ("turned-away", "mail.lantern.example turned us away: “554 No SMTP service here”."),
    ("no-sign-in-here", "mail.lantern.example takes no user name on port 25 with this security. Try TLS or STARTTLS."),
    ("letters", "mail.lantern.example cannot take a user name or a password with letters beyond a-z."),
    ("folder-numbers", "mail.lantern.example keeps no lasting numbers in “Help”, so we could not tell what is new. Choose another folder."),
]  # fmt: skip


@pytest.mark.parametrize(("name", "host", "said"), SAID, ids=[f"{name}: {said[:40]}" for name, _host, said in SAID])
def test_what_a_server_said_is_known(name: str, host: str, said: str) -> None:
    found = remedy(f"{host} refused the user name or the password of help: “{said}”.") if name.endswith("password") else None
    found = found or remedy(f"{host} said: “{said}”.")
    assert found and found.name == name


@pytest.mark.parametrize(("name", "words"), OURS, ids=[name for name, _words in OURS])
def test_a_sentence_of_ours_is_known(name: str, words: str) -> None:
    found = remedy(words)
    assert found and found.name == name


def test_every_remedy_is_one_that_some_server_asked_for() -> None:
    told = {name for name, *_ in SAID} | {name for name, _ in OURS} | {"port-25"}
    assert {one.name for one in REMEDIES} - told == set()
    assert len(SAID) >= 40


def test_what_nobody_knows_has_no_remedy() -> None:
    assert remedy("mail.lantern.example said: “the moon is full of cheese”.") is None


@pytest.mark.parametrize("one", REMEDIES, ids=lambda one: one.name)
def test_a_remedy_is_whole_sentences_for_people(one: object) -> None:
    for words in (one.means, one.fix):  # type: ignore[attr-defined]
        assert words[0].isupper() or words[0] == "“"
        assert words.endswith(".")
        assert not re.search(r"[!{}%]|successfully|oops", words, re.IGNORECASE)


def test_a_server_on_port_25_that_is_silent_is_a_network_that_blocks_it() -> None:
    found = remedy("The mail server mail.lantern.example on port 25 did not answer within 20 seconds.")
    assert found and found.name == "port-25"
