"""Requesting: who can request what, and the refusals of all others."""

from datetime import timedelta
from typing import Any

import pytest

from access.models import AuditEvent, Grant, Request
from access.rules.facts import Refused
from tests import factories
from tests.factories import DAY, HOUR, NOON, RICHARD_ARN, SECOND, Cast, ask
from tests.refusals import refusing


class TestAsking:
    def test_richard_requests_and_no_grant_exists_yet(self, cast: Cast) -> None:
        request = ask(cast)
        assert (request.state, str(request.principal)) == ("pending", RICHARD_ARN)
        assert (request.starts_at, request.ends_at, request.length) == (None, None, HOUR)
        assert (request.latest_start, request.latest_end) == (NOON + DAY, NOON + DAY + HOUR)
        assert request.expires_at == NOON + DAY
        assert not Grant.objects.exists()
        assert list(AuditEvent.objects.values_list("verb", "actor")) == [("request.submitted", "richard@example.com")]

    def test_the_reason_is_kept_as_typed_except_for_surrounding_blanks(self, cast: Cast) -> None:
        assert ask(cast, reason='  ","Effect":"Allow" {{7*7}} ${aws:username}\n ').reason == (
            '","Effect":"Allow" {{7*7}} ${aws:username}'
        )

    def test_the_start_is_never_earlier_than_requested_and_the_end_never_later(self, cast: Cast) -> None:
        odd = NOON + timedelta(microseconds=1)
        request = ask(cast, now=odd, starts_at=odd, length=HOUR + timedelta(microseconds=999_999))
        assert (request.starts_at, request.ends_at) == (NOON + SECOND, NOON + HOUR + SECOND)
        waits = ask(cast, now=odd, length=HOUR + timedelta(microseconds=999_999))
        assert (waits.length, waits.latest_start) == (HOUR, NOON + DAY)

    def test_rita_requests_portal_issued_sessions(self, cast: Cast) -> None:
        request = ask(cast, by=cast.rita, principal_arn="")
        assert request.portal_issued

    @pytest.mark.parametrize(
        "wrong",
        [
            {"ends_at": NOON},
            {"starts_at": NOON - SECOND},
            {"starts_at": NOON + HOUR, "ends_at": NOON + SECOND},
            {"ends_at": NOON + 9 * HOUR},
            {"ends_at": NOON + 3650 * DAY},
            {"starts_at": NOON + 91 * DAY, "ends_at": NOON + 91 * DAY + HOUR},
            {"reason": " "},
            {"reason": "x" * 2001},
        ],
        ids=["empty", "past", "reversed", "too long", "ten years", "too far", "no reason", "long reason"],
    )
    def test_a_request_that_breaks_the_rules_is_refused_and_not_stored(self, cast: Cast, wrong: dict[str, Any]) -> None:
        with pytest.raises(Refused):
            ask(cast, **wrong)
        assert not Request.objects.exists()
        assert not AuditEvent.objects.exists()

    def test_people_who_are_not_contractors_of_the_role_are_refused(self, cast: Cast) -> None:
        for person in (cast.alice, cast.ada, cast.mallory):
            with refusing("contractor_only"):
                ask(cast, by=person)
        with refusing("role_not_yours"):
            ask(cast, role=factories.role("another"))

    def test_the_sixth_pending_request_is_refused(self, cast: Cast) -> None:
        for _ in range(5):
            ask(cast)
        with refusing("too_many_pending"):
            ask(cast)
