"""Rita clicks while Alice revokes: nothing is asked of AWS for what was revoked, and nothing is delivered after it."""

from functools import partial
from typing import Any

import pytest
from django.utils import timezone

from access import credentials
from access.actions import requests
from access.ledger.subjects import subject_of
from access.ledger.walks import broken_links
from access.models import AuditEvent, Grant, Issuance, Role
from access.rules.facts import Refused
from tests.integration.concurrently import kinds, run_together
from tests.integration.ritas import Rita

pytestmark = pytest.mark.usefixtures("commits")

UNLIMITED = 10_000


def issue(rita: Rita, grant: Grant) -> Any:
    return credentials.issue(by=rita.env.cast.rita, grant=grant, now=timezone.now)


def sequences(grant: Grant, verb: str) -> list[int]:
    """Return the places in the audit chain, which is the order of the commits."""
    subject = subject_of(grant.request)
    return list(AuditEvent.objects.filter(subject=subject, verb=verb).values_list("sequence", flat=True))


def test_of_fifty_clicks_around_a_revocation_none_is_issued_or_delivered_after_it(rita: Rita) -> None:
    Role.objects.update(issues_per_hour=UNLIMITED, live_sessions=UNLIMITED)
    grant = rita.gets_grant()

    def clicks() -> list[Any]:
        answers: list[Any] = []
        for _ in range(10):
            try:
                answers.append(issue(rita, grant))
            except Refused as refusal:
                answers.append(refusal)
        return answers

    def revokes() -> None:
        while not Issuance.objects.filter(grant=grant, outcome="issued").exists():
            pass
        requests.revoke(by=rita.env.cast.alice, grant=grant, reason="Enough.", now=timezone.now())

    *clicked, _ = run_together(*(clicks for _ in range(5)), revokes)
    answers = kinds([answer for one in clicked for answer in one])
    assert sum(answers.values()) == 50
    assert set(answers) == {"Issued", "Refused"}

    (revoked,) = sequences(grant, "grant.revoked")
    asked, issued = sequences(grant, "credentials.asked"), sequences(grant, "credentials.issued")
    assert max(asked) < revoked
    assert max(issued) < revoked
    assert min(sequences(grant, "credentials.discarded") or [revoked + 1]) > revoked
    assert len(issued) == answers["Issued"]
    # AWS was asked once for every intent and for nothing else.
    assert len(rita.assumed(grant)) == len(asked)
    assert not Issuance.objects.filter(outcome="open").exists()
    assert list(broken_links()) == []


def test_the_limit_of_live_sessions_holds_for_simultaneous_clicks(rita: Rita) -> None:
    Role.objects.update(live_sessions=3)
    grant = rita.gets_grant()
    assert kinds(run_together(*(partial(issue, rita, grant) for _ in range(10)))) == {"Issued": 3, "Refused": 7}
    assert len(rita.assumed(grant)) == 3


def test_a_revocation_does_not_wait_for_aws(rita: Rita) -> None:
    grant = rita.gets_grant()
    rita.aws.fault("AssumeRole", "slow", seconds=3)

    def revokes() -> None:
        while not Issuance.objects.filter(grant=grant, outcome="open").exists():
            pass
        requests.revoke(by=rita.env.cast.alice, grant=grant, reason="Enough.", now=timezone.now())

    answer, _ = run_together(partial(issue, rita, grant), revokes)
    assert isinstance(answer, Refused)
    issuance = Issuance.objects.get()
    assert issuance.outcome == "discarded"
    (revoked,), (discarded,) = sequences(grant, "grant.revoked"), sequences(grant, "credentials.discarded")
    assert revoked < discarded
