"""Whatever comes in, what we promise of a mail holds. This is the short run; docs/fuzzing.md tells of the long one."""

from hypothesis import HealthCheck, given, settings

from tests.fuzz.held import check
from tests.fuzz.mails import any_mail


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(any_mail)
def test_what_we_promise_holds_of_any_mail(raw):
    check(raw, slower=4)
