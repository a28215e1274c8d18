"""What a mail server said of spam, before it handed the mail over."""

import pytest

from touchline.core.mail.spam_marks import marked_as_spam
from touchline.core.mail.understand import understand


def marked(*headers: str) -> str:
    return marked_as_spam(understand("\r\n".join([*headers, "From: a@b.example", "", "words"]).encode()))


@pytest.mark.parametrize(
    "header",
    [
        "X-Spam-Flag: YES",
        "X-Spam-Status: Yes, score=7.2 required=5.0 tests=BAYES_99",
        "X-Spam: yes",
        "X-Spam: True",
        "X-Spamd-Result: default: True [17.20 / 15.00]; R_SPF_FAIL(1.00)[-all]",
        "X-Rspamd-Action: add header",
        "X-MS-Exchange-Organization-SCL: 5",
        "X-MS-Exchange-Organization-SCL: 9",
    ],
)
def test_a_server_that_says_so_plainly_is_believed(header: str) -> None:
    assert marked(header).startswith("The mail server marked it as spam")


@pytest.mark.parametrize(
    "header",
    [
        "X-Spam-Flag: NO",
        "X-Spam-Flag: yesterday",
        "X-Spam-Status: No, score=4.9 required=5.0",
        "X-Spam-Score: 25",
        "X-Spam-Level: *****************",
        "X-Spamd-Result: default: False [2.40 / 15.00]; TRUE(1.0)",
        "X-Rspamd-Action: greylist",
        "X-MS-Exchange-Organization-SCL: -1",
        "X-MS-Exchange-Organization-SCL: 4",
        "X-MS-Exchange-Organization-SCL: 55",
        "X-Microsoft-Antispam: BCL:7;",
        "Subject: X-Spam-Flag: YES",
    ],
)
def test_a_score_or_a_hint_is_no_verdict(header: str) -> None:
    assert marked(header) == ""


def test_of_two_marks_the_last_server_s_counts() -> None:
    assert marked("X-Spam-Flag: NO", "X-Spam-Flag: YES") == ""
