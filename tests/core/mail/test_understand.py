"""A mail is read as a careful colleague would read it, whatever its bytes."""

import base64
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from touchline.core.mail.email import Correspondent
from touchline.core.mail.understand import understand

HEAD = b"From: Nora Quinn <nora@lantern.example>\r\nTo: help@desk.example\r\nSubject: Lamp\r\nMIME-Version: 1.0\r\n"


def mail(body: bytes = b"It is dark.", *, content_type: str = "text/plain; charset=utf-8", headers: bytes = b"") -> bytes:
    return HEAD + headers + f"Content-Type: {content_type}\r\n\r\n".encode() + body


def parts(*pieces: bytes, kind: str = "mixed") -> bytes:
    body = b"".join(b"--b\r\n" + piece + b"\r\n" for piece in pieces) + b"--b--\r\n"
    return mail(body, content_type=f'multipart/{kind}; boundary="b"')


def text(words: str) -> bytes:
    return b"Content-Type: text/plain; charset=utf-8\r\n\r\n" + words.encode()


def html(words: str) -> bytes:
    return b"Content-Type: text/html; charset=utf-8\r\n\r\n" + words.encode()


def file(name: str, kind: str = "application/pdf", *, headers: str = "", data: bytes = b"%PDF") -> bytes:
    head = f'Content-Type: {kind}; name="{name}"\r\nContent-Disposition: attachment; filename="{name}"\r\n{headers}Content-Transfer-Encoding: base64\r\n\r\n'
    return head.encode() + base64.b64encode(data)


@given(st.binary(max_size=2_000))
def test_any_bytes_at_all_are_an_email(raw):
    email = understand(raw)
    assert email.unread == ""
    assert understand(raw) == email


@given(
    st.lists(
        st.sampled_from(
            [b"From: ", b"Subject: =?utf-8?B?", b"=?gb2312?Q?", b"Content-Type: multipart/mixed; boundary=b\r\n", b"Content-Type: message/rfc822\r\n", b"--b\r\n",
             b"--b--\r\n", b"\r\n", b"\r\n\r\n", b"?=", b"<a@b>", b'"', b"(", b";", b"filename*0*=utf-8''%E3%81", b"Content-Transfer-Encoding: base64\r\n", b"begin 644 x\n",
             b"Content-Type: text/html; charset=utf-7\r\n", b"+2AA-", b"\xff\xfe", b"\x1b$B", b"<blockquote>", b"Content-Type: application/ms-tnef\r\n", b"\x78\x9f\x3e\x22",
             b"Content-Type: message/delivery-status\r\n", b"Final-Recipient: rfc822; x\r\n", b"Date: Fri, 99 Foo 3000 99:99\r\n", b"> ", b"On 1 Jan 2024 x <a@b> wrote:\r\n"]
        ) | st.binary(max_size=12),
        max_size=60,
    )
)  # fmt: skip
def test_pieces_of_mail_in_any_order_are_an_email(pieces):
    email = understand(b"".join(pieces))
    assert email.unread == ""
    for said in (email.subject, email.sender.name, email.sender.address, *(file.name for file in email.attachments)):
        assert not any(ord(letter) < 32 or ord(letter) == 127 for letter in said)
    (email.text + email.html + email.subject).encode("utf-8")


def test_noras_mail_is_read():
    email = understand(
        mail(
            headers=b"Message-ID: <one@lantern.example>\r\nDate: Tue, 05 Mar 2024 09:15:00 +0100\r\nCc: Sam <sam@desk.example>\r\n"
        )
    )
    assert email.sender == Correspondent("Nora Quinn", "nora@lantern.example")
    assert email.to == (Correspondent("", "help@desk.example"),)
    assert email.cc == (Correspondent("Sam", "sam@desk.example"),)
    assert (email.message_id, email.made_id) == ("one@lantern.example", False)
    assert email.date == datetime(2024, 3, 5, 8, 15, tzinfo=UTC)
    assert (email.subject, email.text, email.html, email.doubts) == ("Lamp", "It is dark.", "", ())


def test_a_mail_without_an_id_gets_the_same_one_each_time():
    assert understand(mail()).made_id
    assert understand(mail()).message_id == understand(mail()).message_id != understand(mail(b"Other words.")).message_id


def test_a_date_after_the_mail_came_in_is_doubted():
    headers = b"Received: from a by b; Tue, 05 Mar 2024 09:15:00 +0000\r\nDate: Fri, 05 Apr 2024 09:15:00 +0000\r\n"
    email = understand(mail(headers=headers))
    assert email.date == datetime(2024, 4, 5, 9, 15, tzinfo=UTC)
    assert [doubt.about for doubt in email.doubts] == ["date"]


def test_behind_a_lists_rewritten_from_stands_the_person():
    raw = b"From: Nora Quinn via Lanterns <lanterns@lists.example>\r\nReply-To: Nora Quinn <nora@lantern.example>\r\nList-Id: <lanterns.lists.example>\r\n\r\nHello"
    assert understand(raw).sender == Correspondent("Nora Quinn", "nora@lantern.example")


def test_a_reply_to_is_no_sender():
    email = understand(b'From: "billing@bank.example" <eve@attacker.example>\r\nReply-To: drop@attacker.example\r\n\r\nPay.')
    assert email.sender.address == "eve@attacker.example"
    assert email.reply_to == (Correspondent("", "drop@attacker.example"),)


def test_without_a_from_the_next_best_header_says_who():
    email = understand(b"Return-Path: <nora@lantern.example>\r\nSubject: x\r\n\r\nHello")
    assert email.sender.address == "nora@lantern.example"
    assert [doubt.about for doubt in email.doubts] == ["sender"]


def test_of_two_forms_of_the_words_both_are_kept():
    email = understand(parts(text("It is dark."), html("<p>It is <b>dark</b>.</p>"), kind="alternative"))
    assert (email.text, email.html) == ("It is dark.", "<p>It is <b>dark</b>.</p>")


@pytest.mark.parametrize("useless", ["", " \r\n", "Please view this mail in an HTML capable client."])
def test_a_text_that_only_points_at_the_html_gives_way_to_it(useless):
    assert understand(parts(text(useless), html("<p>It is dark.</p>"), kind="alternative")).text == "It is dark."


def test_words_around_a_picture_are_joined_in_order():
    email = understand(parts(text("Before."), file("lamp.png", "image/png"), text("After.")))
    assert email.text == "Before.\n\nAfter."
    assert [one.name for one in email.attachments] == ["lamp.png"]


def test_an_image_the_html_shows_is_inline_and_another_is_a_file():
    shown = file("shown.png", "image/png", headers="Content-ID: <one@x>\r\n")
    spare = file("spare.png", "image/png", headers="Content-ID: <two@x>\r\n")
    email = understand(parts(html('<img src="cid:one@x">'), shown, spare, kind="related"))
    assert [(one.name, one.inline) for one in email.attachments] == [("shown.png", True), ("spare.png", False)]


def test_an_image_written_into_the_html_becomes_a_file():
    email = understand(mail(b'<p>Look</p><img src="data:image/png;base64,iVBORw0KGgo=">', content_type="text/html"))
    assert [(one.name, one.data[:4], one.inline) for one in email.attachments] == [("image.png", b"\x89PNG", True)]
    assert f'src="cid:{email.attachments[0].content_id}"' in email.html


def test_two_files_of_one_name_can_be_told_apart():
    assert [one.name for one in understand(parts(file("a.pdf"), file("a.pdf"))).attachments] == ["a.pdf", "a-2.pdf"]


def test_a_mail_within_the_mail_is_one_file_named_by_its_subject():
    inner = b"Content-Type: message/rfc822\r\n\r\nSubject: The first one\r\nFrom: ilse@lantern.example\r\n\r\nInner words"
    email = understand(parts(text("See below."), inner))
    assert email.text == "See below."
    assert [one.name for one in email.attachments] == ["The first one.eml"]


def test_a_signature_of_the_mail_is_no_file():
    signature = b"Content-Type: application/pgp-signature; name=signature.asc\r\n\r\n-----BEGIN PGP SIGNATURE-----"
    email = understand(parts(text("Signed."), signature, kind="signed"))
    assert (email.text, email.attachments) == ("Signed.", ())


def test_an_encrypted_mail_says_so_and_keeps_what_came():
    email = understand(
        parts(
            b"Content-Type: application/pgp-encrypted\r\n\r\nVersion: 1",
            file("encrypted.asc", "application/octet-stream"),
            kind="encrypted",
        )
    )
    assert [doubt.about for doubt in email.doubts] == ["encrypted"]
    assert [one.name for one in email.attachments] == ["encrypted.asc"]


def test_an_opaque_smime_signature_is_opened():
    inner = b"Content-Type: text/plain\r\n\r\nSigned and sealed."
    octets = b"\x04" + bytes([len(inner)]) + inner
    content = bytes.fromhex("06092a864886f70d010701") + b"\xa0" + bytes([len(octets)]) + octets
    data = (
        bytes.fromhex("3080" + "06092a864886f70d010702" + "a080" + "3080" + "020101" + "3100" + "3080") + content + b"\x00" * 12
    )
    p7m = b"Content-Type: application/pkcs7-mime; smime-type=signed-data; name=smime.p7m\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    email = understand(HEAD + p7m + base64.b64encode(data))
    assert (email.text, email.attachments) == ("Signed and sealed.", ())


def test_a_uuencoded_block_becomes_a_file():
    email = understand(mail(b"See:\r\nbegin 644 note.txt\r\n#0V%T\r\n`\r\nend\r\nThanks"))
    assert [(one.name, one.data) for one in email.attachments] == [("note.txt", b"Cat")]
    assert email.text.split() == ["See:", "Thanks"]


def test_flowed_lines_are_joined():
    email = understand(
        mail(b"This is one \r\nparagraph.\r\n> quoted \r\n> too\r\n-- \r\nNora", content_type="text/plain; format=flowed")
    )
    assert email.text == "This is one paragraph.\n> quoted too\n-- \nNora"


def test_without_a_single_boundary_the_words_are_shown():
    assert understand(mail(b"It is dark.", content_type='multipart/mixed; boundary="nowhere"')).text == "It is dark."


def test_a_wrong_boundary_is_found_out():
    body = b"--real\r\nContent-Type: text/plain\r\n\r\nIt is dark.\r\n--real--\r\n"
    assert understand(mail(body, content_type='multipart/mixed; boundary="declared"')).text == "It is dark."


def test_what_was_cut_off_is_shown_as_far_as_it_came():
    assert (
        understand(mail(b"--b\r\nContent-Type: text/plain\r\n\r\nIt is da", content_type="multipart/mixed; boundary=b")).text
        == "It is da"
    )


@pytest.mark.parametrize("ending", [b"\r\n", b"\n", b"\r", b"\r\r\n"])
def test_any_line_ending_will_do(ending):
    raw = b"From: Nora <nora@lantern.example>\nSubject: Lamp\n\nIt is dark.\n".replace(b"\n", ending)
    email = understand(raw)
    assert (email.sender.address, email.subject, email.text.strip()) == ("nora@lantern.example", "Lamp", "It is dark.")


def test_a_header_that_forgot_its_indent_is_joined():
    raw = b"From: Nora <nora@lantern.example>\r\nSubject: A long\r\nstory\r\nTo: help@desk.example\r\n\r\nHello"
    assert understand(raw).subject == "A long story"


def test_a_line_break_in_a_subject_forges_no_header():
    email = understand(b"Subject: =?utf-8?Q?Hello=0D=0ABcc:_victim=40else.example?=\r\n\r\nx")
    assert email.subject == "Hello Bcc: victim@else.example"
    assert "bcc" not in email.headers


@pytest.mark.parametrize(
    "raw",
    [
        HEAD + b"".join(b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (i, i) for i in range(1_200)) + text("deep"),
        HEAD + b"".join(b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\n' for _ in range(1_200)) + text("deep"),
        HEAD + b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n' + b"--b\r\n\r\nx\r\n" * 20_000,
        HEAD + b"X-Header: v\r\n" * 150_000 + b"\r\nbody",
        HEAD + b"X-Fold: a\r\n" + b" b\r\n" * 200_000 + b"\r\nbody",
        HEAD + b"Cc: " + b"(" * 500_000 + b"\r\n\r\nx",
        HEAD + b"Cc: " + b'"' * 500_000 + b"\r\n\r\nx",
        mail(b"<blockquote>" * 20_000 + b"deep", content_type="text/html"),
        mail(b"begin 644 a\n" * 40_000),
    ],
    ids=["nested", "nested-in-one-name", "parts", "headers", "folds", "parentheses", "quotes-in-cc", "blockquotes", "uuencode"],
)  # fmt: skip
def test_a_hostile_mail_is_read_in_bounded_time(raw, within):
    with within(seconds_per_megabyte=3, at_least=1.5):
        assert understand(raw).unread == ""
