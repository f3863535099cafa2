"""An extension whose access is over is withdrawn with it, and both sides are told."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from time_machine import TimeMachineFixture

from access import housekeeping
from access.actions import certifying, requests
from access.ledger import extensions
from access.models import AuditEvent, Grant, Notification, Request, User
from access.notifications import waiting
from access.rules.facts import Refused
from tests import factories
from tests.factories import HOUR, NOON, Cast
from tests.integration import pages
from tests.integration.pages import text, visitor

LATER = NOON + HOUR / 4


@pytest.fixture(autouse=True)
def at_noon(time_machine: TimeMachineFixture) -> TimeMachineFixture:
    time_machine.move_to(NOON, tick=False)
    return time_machine


@pytest.fixture
def extension(cast: Cast, grant: Grant) -> Request:
    return extend(cast, grant)


def extend(cast: Cast, grant: Grant, *, hours: int = 1) -> Request:
    end = grant.ends_at + hours * HOUR
    return requests.extend(by=cast.richard, grant=grant, ends_at=end, reason="Not done yet.", now=NOON)


def told(asked: Request) -> set[str]:
    """Return the names of those who get an email about the withdrawal."""
    rows = Notification.objects.filter(request=asked, kind="withdrawn")
    return {str(row.person) for row in rows.select_related("person")}


def reason_of(asked: Request) -> Any:
    event = AuditEvent.objects.get(verb="request.withdrawn", subject__contains=str(asked.public_id))
    return event.details["text"]["code"], event.actor


def revoke(by: User, grant: Grant) -> None:
    requests.revoke(by=by, grant=grant, reason="Done.", now=LATER)


def reject(by: User, grant: Grant) -> None:
    certifying.certify_grant(by=by, grant=grant, keep=False, comment="Done.", now=LATER)


def test_it_is_withdrawn_in_the_transaction_that_ends_the_access(cast: Cast, grant: Grant, extension: Request) -> None:
    other = factories.ask(cast, by=cast.rita, principal_arn="")
    revoke(cast.bob, grant)
    extension.refresh_from_db()
    other.refresh_from_db()
    assert (extension.state, other.state) == ("withdrawn", "pending")
    assert told(extension) == {"Richard", "Alice", "Bob"}
    assert reason_of(extension) == ("extension_without_access", "bob@example.com")
    assert "Withdrawn: The access that this request extends has ended." in text(
        visitor(cast.richard).get(pages.of(extension))
    )


@pytest.mark.parametrize("end", [requests.return_access, reject])
def test_it_is_withdrawn_however_the_access_ends_early(
    cast: Cast, grant: Grant, extension: Request, end: Callable[..., Any]
) -> None:
    if end is reject:
        reject(cast.alice, grant)
    else:
        end(by=cast.richard, grant=grant, now=LATER)
    assert Request.objects.get(pk=extension.pk).state == "withdrawn"
    assert told(extension) >= {"Richard", "Alice"}


def test_it_is_withdrawn_by_the_sweep_once_the_access_has_ended(
    cast: Cast, grant: Grant, extension: Request, at_noon: TimeMachineFixture
) -> None:
    at_noon.move_to(grant.ends_at, tick=False)
    # Until the sweep nobody is offered what they cannot do.
    assert list(visitor(cast.alice).get("/approvals/").context["inbox"]) == []
    with pytest.raises(Refused):
        factories.approve(cast, extension, now=grant.ends_at)
    housekeeping.run(now=grant.ends_at)
    assert Request.objects.get(pk=extension.pk).state == "withdrawn"
    assert told(extension) == {"Richard", "Alice", "Bob"}
    assert reason_of(extension) == ("extension_without_access", "daypass")


def test_another_extension_of_the_same_access_is_withdrawn_too(cast: Cast, grant: Grant, extension: Request) -> None:
    longer = extend(cast, grant, hours=2)
    factories.approve(cast, extension, now=LATER)
    assert "cannot be approved" in text(visitor(cast.alice).get(pages.of(longer, "approval")))
    assert list(visitor(cast.alice).get("/approvals/").context["inbox"]) == []
    housekeeping.run(now=LATER)
    assert Request.objects.get(pk=longer.pk).state == "withdrawn"
    assert Request.objects.get(pk=extension.pk).state == "approved"
    assert reason_of(longer) == ("extension_outdated", "daypass")


def test_an_extension_of_access_that_continues_stays(cast: Cast, grant: Grant, extension: Request) -> None:
    housekeeping.run(now=LATER)
    assert Request.objects.get(pk=extension.pk).state == "pending"


def test_both_sides_get_an_email_that_says_why(
    cast: Cast, grant: Grant, extension: Request, mailoutbox: list[Any]
) -> None:
    revoke(cast.bob, grant)
    waiting.send_waiting(now=LATER)
    sent = {mail.to[0]: mail for mail in mailoutbox}
    assert sent.keys() == {"richard@example.com", "alice@example.com", "bob@example.com"}
    mail = sent["alice@example.com"]
    assert mail.subject == "Daypass: Richard's request to extend importantproject-put was withdrawn"
    assert "has ended. Daypass therefore withdrew the request to extend it." in mail.body
    assert pages.of(extension) in mail.body


def test_a_revocation_is_stored_although_the_extension_cannot_be_withdrawn(
    cast: Cast, grant: Grant, extension: Request, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_request: Request, *, now: datetime) -> None:
        raise RuntimeError(now)

    monkeypatch.setattr(extensions, "_concerned", fail)
    revoke(cast.bob, grant)
    assert Grant.objects.get(pk=grant.pk).revoked_at == LATER
    assert Request.objects.get(pk=extension.pk).state == "pending"
