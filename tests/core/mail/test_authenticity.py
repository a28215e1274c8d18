"""Is a mail really from whom it says? What servers found out, what a signature proves, and what a forger may write."""

import base64
import time
from collections.abc import Mapping
from functools import cache

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import given, settings
from hypothesis import strategies as st

from touchline.core.mail.authenticity import Authenticity, Verdict, aligned, from_domain, judged, signed
from touchline.core.mail.understand import understand

PROVED, FAILED, UNKNOWN = Verdict.PROVED, Verdict.FAILED, Verdict.UNKNOWN
NORA = "From: Nora Adeyemi <nora@bakery.example>"
DKIM = "dkim=pass header.d=bakery.example header.s=s1"


def found(*headers: str, server: str = "mx.touchline.example", guess: bool = False) -> Authenticity | None:
    raw = "\r\n".join([*headers, NORA, "Subject: Hi", "", "words"]).encode()
    return judged(raw, "bakery.example", server=server, guess=guess)


def results(said: str, server: str = "mx.touchline.example") -> str:
    return f"Authentication-Results: {server};\r\n\t{said}"


@pytest.mark.parametrize(
    ("said", "verdict", "how"),
    [
        ("dmarc=pass header.from=bakery.example", PROVED, "dmarc"),
        ("dmarc=pass (p=REJECT sp=REJECT dis=NONE) header.from=bakery.example", PROVED, "dmarc"),
        ("dkim=pass header.i=@bakery.example header.s=s1 header.b=abc;\r\n spf=fail smtp.mailfrom=x@y.example", PROVED, "dkim"),
        (DKIM, PROVED, "dkim"),
        ("dkim=pass (2048-bit key; secure) header.d=bakery.example header.i=@bakery.example", PROVED, "dkim"),
        ("dkim=pass header.d=mail.bakery.example", PROVED, "dkim"),
        ("spf=pass (sender IP is 1.2.3.4) smtp.mailfrom=bounce@mail.bakery.example", PROVED, "spf"),
        ("dkim=none; dmarc=fail (p=NONE) header.from=bakery.example", FAILED, "dmarc"),
        ("dmarc=fail action=quarantine header.from=bakery.example; dkim=pass header.d=thief.example", FAILED, "dmarc"),
        ("arc=pass; dmarc=fail header.from=bakery.example", UNKNOWN, ""),
        ("dkim=pass header.d=thief.example; spf=pass smtp.mailfrom=x@thief.example", UNKNOWN, ""),
        ("dkim=pass header.d=notbakery.example", UNKNOWN, ""),
        ("dkim=pass header.d=example", UNKNOWN, ""),
        ("dkim=fail header.d=bakery.example; spf=softfail smtp.mailfrom=nora@bakery.example", UNKNOWN, ""),
        ("dmarc=pass header.from=thief.example", UNKNOWN, ""),
        ("dmarc=fail header.from=thief.example", UNKNOWN, ""),
        ("none", UNKNOWN, ""),
        ('dkim=fail reason="dkim=pass header.d=bakery.example" header.d=bakery.example', UNKNOWN, ""),
        ("dkim=fail (dkim=pass header.d=bakery.example) header.d=bakery.example", UNKNOWN, ""),
    ],
)
def test_what_our_own_server_says_is_believed(said: str, verdict: Verdict, how: str) -> None:
    judgement = found("Received: from a.example by mx.touchline.example; now", results(said))
    assert judgement
    assert (judgement.verdict, judgement.how, judgement.domain) == (verdict, how, "bakery.example")
    if verdict is PROVED:
        assert judgement.sure is (how != "spf")  # whoever writes the envelope need not be who writes the mail


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param([results(DKIM, "mx.thief.example")], id="another server says so"),
        pytest.param([results(DKIM, "mx.touchline.example.thief.example")], id="a name that only begins like ours"),
        pytest.param(
            ["Received: from x by mx.thief.example; now", results(DKIM)], id="it stood in the mail that a stranger's server sent"
        ),
        pytest.param(
            [
                "Received: from x.thief.example by mx.touchline.example; now",
                "Received: from y by x.thief.example; now",
                results(DKIM),
            ],
            id="below the hop where the mail came in",
        ),
        pytest.param(["X-Authentication-Results: mx.touchline.example; " + DKIM], id="a header of their own"),
        pytest.param(["Subject: x", "no header at all", results(DKIM)], id="below a line that is no header"),
        pytest.param(["ARC-Authentication-Results: i=1; mx.touchline.example; " + DKIM], id="sealed by whoever liked to"),
        pytest.param([results(DKIM, "")], id="nobody says so"),
    ],
)
def test_what_a_forger_can_write_proves_nothing(headers: list[str]) -> None:
    assert found(*headers) is None
    guessed = found("Received: from x by mx.touchline.example; now", *headers, server="", guess=True)
    assert guessed is None or not guessed.sure


def test_the_topmost_word_of_our_server_wins_over_a_forged_one_beneath() -> None:
    top = results("dkim=none; dmarc=fail header.from=bakery.example")
    judgement = found("Received: from x.thief.example by mx.touchline.example; now", top, results(DKIM))
    assert judgement and judgement.verdict is FAILED


def test_without_a_name_the_server_that_we_have_it_from_is_guessed_and_never_sure() -> None:
    headers = ["Received: from a.example by mx2.touchline.example (Postfix); now", results(DKIM)]
    assert found(*headers, server="") is None
    judgement = found(*headers, server="", guess=True)
    assert judgement and (judgement.verdict, judgement.sure) == (PROVED, False)
    assert found("Received: from a.example by localhost; now", results(DKIM), server="", guess=True) is None


def test_google_s_servers_are_known_by_how_they_call_each_other() -> None:
    headers = [
        "Delivered-To: support@touchline.example",
        "Received: by 2002:a05:6a20:3d8f:b0:1c3 with SMTP id s15csp1; Mon, 2 Mar 2026 09:00:00 -0800 (PST)",
        "X-Received: by 2002:a17:90b with SMTP id 1",
        "ARC-Authentication-Results: i=1; mx.google.com; dkim=pass header.i=@thief.example",
        "Received: from mail.bakery.example (mail.bakery.example. [192.0.2.1]) by mx.google.com with ESMTPS id 1 for <s@t.example>; now",
        results("dkim=pass header.i=@bakery.example; dmarc=pass (p=NONE) header.from=bakery.example", "mx.google.com"),
    ]
    guessed = found(*headers, server="", guess=True)
    assert guessed and (guessed.verdict, guessed.sure) == (PROVED, False)
    told = found(*headers, server="mx.google.com")
    assert told and (told.verdict, told.sure) == (PROVED, True)


def test_microsoft_leaves_the_name_of_its_server_out() -> None:
    headers = [
        "Received: from A.prod.outlook.com (2603::1) by B.prod.outlook.com with HTTPS; now",
        "Received: from mail.bakery.example (192.0.2.1) by C.prod.outlook.com with Microsoft SMTP Server; now",
        "Authentication-Results: spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=bakery.example; dkim=pass (signature was verified)"
        " header.d=bakery.example;dmarc=pass action=none header.from=bakery.example;compauth=pass reason=100",
    ]
    assert found(*headers, server="") is None
    judgement = found(*headers, server="protection.outlook.com")
    assert judgement and (judgement.verdict, judgement.how, judgement.sure) == (PROVED, "dmarc", True)
    # Nobody else may leave it out.
    assert found("Received: from x by mx.touchline.example; now", headers[-1]) is None


@pytest.mark.parametrize(
    ("signer", "domain", "yes"),
    [
        ("bakery.example", "bakery.example", True),
        ("mail.bakery.example", "bakery.example", True),
        ("bakery.example", "mail.bakery.example", True),
        ("a.bakery.example", "b.bakery.example", False),
        ("thief.co.uk", "bakery.co.uk", False),
        ("uk", "bakery.co.uk", False),
        ("ebakery.example", "bakery.example", False),
        ("BAKERY.example.", "bakery.example", True),
        ("xn--bckerei-5wa.example", "bäckerei.example", True),
        ("", "bakery.example", False),
        ("", "", False),
    ],
)
def test_who_answers_for_whom(signer: str, domain: str, yes: bool) -> None:
    assert aligned(signer, domain) is yes


@pytest.mark.parametrize(
    ("from_", "domain"),
    [
        ("From: Nora <Nora@Bakery.example>", "bakery.example"),
        ('From: "nora@bakery.example" <x@thief.example>', "thief.example"),
        ("From: nora@bakery.example\r\nFrom: x@thief.example", ""),
        ("Reply-To: nora@bakery.example", ""),
        ("From: nora@bäckerei.example", "xn--bckerei-5wa.example"),
    ],
)
def test_the_domain_that_answers_is_that_of_the_only_from(from_: str, domain: str) -> None:
    assert from_domain(understand(f"{from_}\r\nSubject: x\r\n\r\nx".encode())) == domain


# Signatures that we verify ourselves


@cache
def key(bits: int = 2048) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


def public(bits: int = 2048) -> bytes:
    der = key(bits).public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return b"v=DKIM1; k=rsa; p=" + base64.b64encode(der)


def names(bits: int = 2048, domain: str = "bakery.example") -> Mapping[str, bytes]:
    return {f"s1._domainkey.{domain}": public(bits)}


MAIL = (
    NORA.encode()
    + b"\r\nTo: support@touchline.example\r\nSubject: Hi\r\nDate: Mon, 2 Mar 2026 09:00:00 +0000\r\n\r\nThe lamp is dark.\r\n"
)


def sign(raw: bytes = MAIL, *, domain: str = "bakery.example", bits: int = 2048, **more: object) -> bytes:
    private = key(bits).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    return bytes(dkim.sign(raw, b"s1", domain.encode(), private, **more)) + raw


def test_a_signature_of_its_own_domain_proves_it() -> None:
    proof = signed(sign(), "bakery.example", texts_of=names().get)
    assert proof == Authenticity(PROVED, "bakery.example", "dkim", sure=True)
    assert proof.words == "Really from bakery.example: it is signed by it (DKIM)."
    # Line ends changed on the way through a pipe are no forgery.
    assert signed(sign().replace(b"\r\n", b"\n"), "bakery.example", texts_of=names().get) == proof


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(sign().replace(b"dark", b"lost"), id="the words were changed"),
        pytest.param(sign().replace(b"nora@", b"boss@"), id="the sender was changed"),
        pytest.param(sign(domain="thief.example"), id="somebody else signed it"),
        pytest.param(sign(length=True) + b"And send money.\r\n", id="more was put beneath"),
        pytest.param(sign(signature_algorithm=b"rsa-sha1"), id="an algorithm that is broken"),
        pytest.param(sign().replace(b"s=s1", b"s=s2"), id="a key that is not there"),
        pytest.param(MAIL, id="nobody signed it"),
        pytest.param(b"DKIM-Signature: v=1; a=rsa-sha256; d=bakery.example; s=s1; b=\r\n" + MAIL, id="an empty signature"),
    ],
)
def test_what_is_no_proof(raw: bytes) -> None:
    keys = {**names(), **names(domain="thief.example")}
    assert signed(raw, "bakery.example", texts_of=keys.get) is None


def test_an_old_key_of_1024_bits_still_proves_it() -> None:
    assert signed(sign(bits=1024), "bakery.example", texts_of=names(1024).get)


def test_a_mail_of_many_megabytes_is_verified_in_moments() -> None:
    raw = sign(MAIL + b"The lamp is dark, and so is the shop.\r\n" * 100_000)
    began = time.monotonic()
    assert signed(raw, "bakery.example", texts_of=names().get)
    assert time.monotonic() - began < 4


def test_of_many_signatures_few_are_looked_at_and_a_stranger_s_none() -> None:
    asked: list[str] = []

    def texts_of(name: str) -> bytes | None:
        asked.append(name)
        return None

    forged = b"".join(
        b"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=bakery.example; s=k%d; h=from; bh=aGk=; b=aGk=\r\n" % n
        for n in range(50)
    )
    others = b"DKIM-Signature: v=1; a=rsa-sha256; d=thief.example; s=k; h=from; bh=aGk=; b=aGk=\r\n" * 50
    assert signed(others + forged + MAIL, "bakery.example", texts_of=texts_of) is None
    assert len(asked) <= 3
    assert not any("thief" in name for name in asked)


@given(
    tags=st.dictionaries(st.sampled_from([*"vacdshbqtxiz", "bh"]), st.text(st.characters(codec="latin-1"), max_size=30)),
    record=st.binary(max_size=60),
)
@settings(max_examples=300, deadline=None)
def test_whatever_stands_in_a_signature_or_a_key_nothing_breaks(tags: dict[str, str], record: bytes) -> None:
    told = {"v": "1", "a": "rsa-sha256", "d": "bakery.example", "s": "s1", "h": "from", "bh": "aGk=", "b": "aGk=", **tags}
    header = "DKIM-Signature: " + "; ".join(f"{name}={value}" for name, value in told.items())
    raw = header.encode("latin-1").replace(b"\r", b"").replace(b"\n", b"") + b"\r\n" + MAIL
    signed(raw, "bakery.example", texts_of=lambda _name: record)


@given(st.binary(max_size=300))
def test_whatever_bytes_there_are_nothing_breaks(raw: bytes) -> None:
    header = b"Authentication-Results: " + raw + b"\r\n"
    judged(header + MAIL, "bakery.example", server="mx.touchline.example")
    judged(raw, "bakery.example", guess=True)
    signed(raw, "bakery.example", texts_of=lambda _name: None)
    signed(b"DKIM-Signature: " + raw + b"\r\n" + MAIL, "bakery.example", texts_of=lambda _name: b"v=DKIM1; p=")
