"""Rita gets sessions from the portal while the grant lasts, with one call to AWS and one record for each."""

import time
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from access import aws, credentials
from access.actions import deciding, requests
from access.aws import clients, sessions
from access.ledger.issuances import close_abandoned, close_issuance
from access.ledger.walks import broken_links
from access.models import AuditEvent, Contractor, Grant, Issuance, Role, User
from tests.integration import pages
from tests.integration.environment import Environment, verbs
from tests.integration.ritas import Rita, ended, outcomes
from tests.refusals import refusing

MINUTE = timedelta(minutes=1)


def code(answer: Any) -> str:
    assert answer.status_code == 409, answer.content
    return str(answer.json()["code"])


def test_rita_uploads_with_the_issued_credentials(rita: Rita) -> None:
    grant = rita.gets_grant()
    keys = rita.gets(grant)
    assert rita.can_upload(keys)
    arn = rita.aws.as_(keys, "sts").get_caller_identity()["Arn"]
    assert arn.endswith(f":assumed-role/{rita.env.role.name}/{grant.session_name}")
    assert rita.assumed(grant) == ["ok"]


def test_every_issuance_is_on_record_without_its_secret(rita: Rita) -> None:
    grant = rita.gets_grant()
    keys = rita.gets(grant)
    issuance = Issuance.objects.get()
    assert (issuance.outcome, issuance.access_key_id, issuance.by) == ("issued", keys.access_key, rita.env.cast.rita)
    assert verbs(str(grant.request.public_id))[-2:] == ["credentials.asked", "credentials.issued"]
    assert list(broken_links()) == []


def test_with_a_minute_left_aws_denies_credentials_at_the_end_even_if_sts_says_900_seconds(
    rita: Rita,
) -> None:
    grant = rita.gets_grant(length=MINUTE)
    answer = rita.asks(grant)
    keys = rita.gets(grant)
    expires = datetime.fromisoformat(answer.json()["Expiration"])
    assert timedelta(seconds=890) < expires - timezone.now() < timedelta(seconds=905)
    assert rita.can_upload(keys)
    rita.aws.clock(ended(grant).total_seconds())
    assert not rita.can_upload(keys)


def test_the_session_policy_is_enough_to_end_the_session(rita: Rita) -> None:
    grant = rita.gets_grant(length=MINUTE)
    keys = rita.gets(grant)
    rita.aws.root().delete_role_policy(RoleName=rita.env.role.name, PolicyName="daypass-closing")
    assert rita.can_upload(keys)
    rita.aws.clock(ended(grant).total_seconds())
    assert not rita.can_upload(keys)


@pytest.mark.parametrize(
    ("left", "asked", "given"),
    [(60, None, 3600), (300, None, 3600), (40, None, 2400), (10, None, 900), (60, "1800", 1800), (60, "43200", 3600),
     (60, "1", 900), (60, "-5", 3600), (60, "1e3", 3600), (60, "٩٠٠", 3600)],
)  # fmt: skip
def test_a_session_is_limited_by_the_request_the_window_and_role_chaining(
    rita: Rita, left: int, asked: str | None, given: int
) -> None:
    grant = rita.gets_grant(length=left * MINUTE)
    answer = rita.asks(grant, **({"seconds": asked} if asked else {}))
    expires = datetime.fromisoformat(answer.json()["Expiration"])
    assert abs(expires - timezone.now() - timedelta(seconds=given)) < timedelta(seconds=20)


def test_every_click_gives_fresh_keys(rita: Rita) -> None:
    grant = rita.gets_grant()
    first, second = rita.gets(grant), rita.gets(grant)
    assert first.access_key != second.access_key
    assert rita.can_upload(first)
    assert rita.can_upload(second)
    assert len(rita.assumed(grant)) == 2


@pytest.mark.parametrize("name", ["credentials", "console", "console_sign_out"])
@pytest.mark.parametrize("method", ["get", "head"])
def test_a_get_issues_nothing_and_leads_back(rita: Rita, name: str, method: str) -> None:
    grant = rita.gets_grant()
    answer = getattr(rita.client, method)(pages.of(grant.request, name))
    assert answer.status_code == 302
    assert answer["Location"] == pages.of(grant.request)
    assert outcomes() == []
    assert rita.assumed(grant) == []


@pytest.mark.parametrize("name", ["credentials", "console"])
def test_without_a_recent_password_nothing_is_issued(rita: Rita, name: str) -> None:
    grant = rita.gets_grant()
    answer = pages.visitor(rita.env.cast.rita, confirmed=False).post(pages.of(grant.request, name))
    assert answer.status_code == 302
    assert "reauthenticate" in answer["Location"]
    assert outcomes() == []


def test_the_grant_of_somebody_else_is_not_found(rita: Rita) -> None:
    grant = rita.gets_grant()
    for person in ("richard", "alice", "ada", "mallory"):
        visitor = pages.visitor(getattr(rita.env.cast, person))
        for name in ("credentials", "console"):
            assert visitor.post(pages.of(grant.request, name)).status_code in {302, 404}
    assert outcomes() == []


def test_before_the_start_there_is_nothing_to_issue(rita: Rita) -> None:
    grant = rita.gets_grant(length=60 * MINUTE, starts_at=rita.env.clock() + 30 * MINUTE)
    assert code(rita.asks(grant)) == "grant_not_started"
    assert rita.assumed(grant) == []


def test_from_the_end_on_there_is_nothing_to_issue(rita: Rita) -> None:
    grant = rita.gets_grant()
    for late in (timedelta(0), timedelta(days=1)):
        with refusing("grant_over_for_use"):
            credentials.issue(by=rita.env.cast.rita, grant=grant, now=lambda late=late: grant.ends_at + late)  # type: ignore[misc]
    assert rita.assumed(grant) == []


def test_a_disabled_user_gets_no_credentials(rita: Rita) -> None:
    grant = rita.gets_grant()
    Contractor.objects.filter(user=rita.env.cast.rita).update(is_active=False)
    assert code(rita.asks(grant)) == "contractor_disabled"
    Contractor.objects.update(is_active=True, contract_ends_at=timezone.now() - MINUTE)
    assert code(rita.asks(grant)) == "contract_ended"
    assert rita.assumed(grant) == []


def test_a_grant_to_richards_own_identity_is_not_issued_by_the_portal(rita: Rita) -> None:
    grant = rita.env.create_grant()
    rita.env.reconcile()
    with refusing("own_identity_grant"):
        credentials.issue(by=rita.env.cast.richard, grant=grant, now=timezone.now)


def test_after_a_revocation_nothing_is_issued_and_earlier_credentials_are_denied(rita: Rita, env: Environment) -> None:
    grant = rita.gets_grant()
    keys = rita.gets(grant)
    revoke(rita, grant)
    assert code(rita.asks(grant)) == "grant_over_for_use"
    env.reconcile()
    assert not rita.can_upload(keys)
    assert len(rita.assumed(grant)) == 1


def revoke(rita: Rita, grant: Grant) -> None:
    alice: User = rita.env.cast.alice
    answer = pages.visitor(alice).post(pages.of(grant.request, "request_revoke"), {"reason": "Enough."})
    assert answer.status_code == 302


def while_aws_answers(monkeypatch: pytest.MonkeyPatch, happens: Any) -> None:
    """Let something happen between AWS's answer and the record of it."""
    ask = sessions.assume_role

    def answered(**words: Any) -> Any:
        session = ask(**words)
        happens()
        return session

    monkeypatch.setattr(aws, "assume_role", answered)


def test_credentials_revoked_while_aws_answers_are_discarded(rita: Rita, monkeypatch: pytest.MonkeyPatch) -> None:
    grant = rita.gets_grant()
    while_aws_answers(monkeypatch, lambda: revoke(rita, grant))
    assert code(rita.asks(grant)) == "grant_over_for_use"
    issuance = Issuance.objects.get()
    assert issuance.outcome == "discarded"
    assert issuance.access_key_id.startswith("ASIA")
    assert verbs(str(grant.request.public_id))[-3:] == ["credentials.asked", "grant.revoked", "credentials.discarded"]


@pytest.mark.parametrize(("what", "who"), [("contractor", "user"), ("user", "pk")])
def test_a_user_disabled_while_aws_answers_gets_no_credentials(
    rita: Rita, monkeypatch: pytest.MonkeyPatch, what: str, who: str
) -> None:
    grant = rita.gets_grant()
    rows = Contractor.objects if what == "contractor" else User.objects
    mine: Any = rows.filter(**{who: rita.env.cast.rita.pk})
    while_aws_answers(monkeypatch, lambda: mine.update(is_active=False))
    assert code(rita.asks(grant)) == "contractor_disabled"
    assert outcomes()[0][0] == "discarded"


@pytest.mark.parametrize(("skew", "code"), [(45, 409), (-45, 409), (20, 200), (-20, 200)])
def test_when_our_clock_and_that_of_aws_differ_by_more_than_half_a_minute_nothing_is_issued(
    rita: Rita, skew: int, code: int
) -> None:
    grant = rita.gets_grant()
    rita.aws.settings(date_skew_seconds=skew)
    try:
        answer = rita.asks(grant)
    finally:
        rita.aws.settings(date_skew_seconds=0)
    assert answer.status_code == code
    if code == 409:
        assert "30 seconds" in answer.json()["error"]
        assert outcomes()[0][0] == "discarded"


def test_a_change_that_spreads_slowly_is_waited_for(rita: Rita) -> None:
    rita.aws.settings(propagation_ms=6000)
    try:
        grant = rita.gets_grant()
        keys = rita.gets(grant)
    finally:
        rita.aws.settings(propagation_ms=0)
    assert rita.can_upload(keys)
    assert rita.assumed(grant)[-1] == "ok"
    assert rita.assumed(grant)[0] == "AccessDenied"
    assert Issuance.objects.count() == 1


def forgets(rita: Rita, grant: Grant) -> None:
    """Change AWS by hand, so that the issuer is refused."""
    rita.env.edit_trust({"Sid": "x", "Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"})


def test_the_change_is_waited_for_at_most_ten_seconds(rita: Rita, monkeypatch: pytest.MonkeyPatch) -> None:
    grant, clock = rita.gets_grant(), rita.env.clock
    forgets(rita, grant)
    monkeypatch.setattr(time, "sleep", lambda seconds: clock.forward(seconds=seconds))
    with refusing("grant_propagating"):
        credentials.issue(by=rita.env.cast.rita, grant=grant, now=clock)
    assert rita.assumed(grant) == ["AccessDenied"] * 11
    assert outcomes() == [("failed", "grant_propagating")]


def test_an_old_change_is_not_waited_for(rita: Rita) -> None:
    grant = rita.gets_grant()
    forgets(rita, grant)
    Grant.objects.update(applied_at=timezone.now() - 2 * MINUTE)
    assert code(rita.asks(grant)) == "session_not_issued"
    assert rita.assumed(grant) == ["AccessDenied"]


def test_after_a_revocation_a_refusal_is_not_retried(rita: Rita, monkeypatch: pytest.MonkeyPatch) -> None:
    grant = rita.gets_grant()
    forgets(rita, grant)
    monkeypatch.setattr(time, "sleep", lambda _: revoke(rita, grant))
    assert code(rita.asks(grant)) == "grant_over_for_use"
    assert rita.assumed(grant) == ["AccessDenied"]
    assert outcomes()[0][0] == "failed"


@pytest.mark.parametrize("kind", ["throttle", "error"])
@pytest.mark.parametrize("html", [True, False])
def test_when_sts_fails_rita_reads_a_sentence_and_the_record_says_failed(rita: Rita, kind: str, html: bool) -> None:
    grant = rita.gets_grant()
    rita.aws.fault("AssumeRole", kind)
    answer = rita.sees(grant) if html else rita.asks(grant)
    assert answer.status_code == 409
    assert "session_not_issued" in pages.codes(answer) if html else code(answer) == "session_not_issued"
    assert outcomes()[0][0] == "failed"
    rita.aws.clear_faults()
    assert rita.can_upload(rita.gets(grant))


def test_when_sts_does_not_answer_the_record_says_failed(rita: Rita, monkeypatch: pytest.MonkeyPatch) -> None:
    grant = rita.gets_grant()
    monkeypatch.setattr(clients, "LONGEST_ANSWER", 1.0)
    clients.forget()
    rita.aws.fault("AssumeRole", "slow", seconds=4)
    assert rita.asks(grant).json()["code"] == "session_not_issued"
    assert outcomes()[0][0] == "failed"


def test_after_any_error_the_record_says_failed(rita: Rita, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(**_: Any) -> None:
        raise ZeroDivisionError("with a secret in it")

    grant = rita.gets_grant()
    monkeypatch.setattr(aws, "assume_role", breaks)
    assert rita.asks(grant).status_code == 500
    assert outcomes() == [("failed", "failed_unexpectedly")]


def test_an_abandoned_intent_is_closed_by_the_sweep(rita: Rita, monkeypatch: pytest.MonkeyPatch) -> None:
    class Killed(BaseException):
        """The process is gone immediately."""

    def killed(**_: Any) -> None:
        raise Killed

    grant = rita.gets_grant()
    monkeypatch.setattr(aws, "assume_role", killed)
    with pytest.raises(Killed):
        credentials.issue(by=rita.env.cast.rita, grant=grant, now=timezone.now)
    assert outcomes() == [("open", "")]
    close_abandoned(now=timezone.now() + MINUTE)
    assert outcomes() == [("open", "")]
    close_abandoned(now=timezone.now() + 3 * MINUTE)
    assert outcomes()[0][0] == "failed"
    assert verbs(str(grant.request.public_id))[-1] == "credentials.failed"


def test_an_issuance_that_the_sweep_closed_is_not_delivered(rita: Rita, monkeypatch: pytest.MonkeyPatch) -> None:
    grant = rita.gets_grant()
    while_aws_answers(monkeypatch, lambda: close_abandoned(now=timezone.now() + 3 * MINUTE))
    assert code(rita.asks(grant)) == "session_too_late"
    assert outcomes()[0][0] == "failed"


def test_without_an_audit_there_are_no_credentials(rita: Rita, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise OSError("no room left")

    grant = rita.gets_grant()
    monkeypatch.setattr(AuditEvent.objects, "bulk_create", full)
    assert rita.asks(grant).status_code == 500
    assert rita.assumed(grant) == []
    assert outcomes() == []


def test_the_limits_of_a_grant_are_refused_with_their_codes(rita: Rita) -> None:
    grant = rita.gets_grant()
    Role.objects.update(live_sessions=2)
    rita.gets(grant)
    rita.gets(grant)
    assert code(rita.asks(grant)) == "too_many_open_sessions"
    Issuance.objects.update(expires_at=timezone.now() - MINUTE)
    Role.objects.update(issues_per_hour=2)
    assert code(rita.asks(grant)) == "too_many_sessions_in_hour"
    Issuance.objects.update(started_at=timezone.now() - 61 * MINUTE)
    rita.gets(grant)


def test_a_failed_issuance_counts_for_no_limit_and_a_pending_one_does(rita: Rita) -> None:
    grant = rita.gets_grant()
    Role.objects.update(live_sessions=1)
    row = Issuance.objects.create(grant=grant, by=rita.env.cast.rita, kind="credentials", started_at=timezone.now())
    assert code(rita.asks(grant)) == "too_many_open_sessions"
    close_issuance(row, Issuance.Outcome.FAILED, text=None, now=timezone.now())
    rita.gets(grant)


def test_an_extended_grant_can_be_used_from_either_request(rita: Rita) -> None:
    grant = rita.gets_grant()
    now = timezone.now()
    request = extended(rita, grant, grant.ends_at + 60 * MINUTE, now=now)
    for one in (grant.request, request):
        assert rita.client.post(pages.of(one, "credentials")).status_code == 200


def test_after_an_extension_the_page_says_that_open_sessions_keep_their_end_and_one_click_renews(rita: Rita) -> None:
    grant = rita.gets_grant(length=30 * MINUTE)
    old = rita.gets(grant)
    assert "This access was extended" not in pages.text(rita.client.get(pages.of(grant.request)))
    extended(rita, grant, grant.ends_at + 60 * MINUTE, now=timezone.now())
    rita.env.reconcile()
    assert "To continue after that, start a new session." in pages.text(rita.client.get(pages.of(grant.request)))
    new = rita.gets(grant)
    rita.aws.clock(ended(grant).total_seconds())
    assert not rita.can_upload(old)
    assert rita.can_upload(new)


def extended(rita: Rita, grant: Grant, ends_at: datetime, *, now: datetime) -> Any:
    """Have Alice extend the grant."""
    made = requests.extend(by=rita.env.cast.rita, grant=grant, ends_at=ends_at, reason="More to upload.", now=now)
    deciding.approve(by=rita.env.cast.alice, request=made, content_hash=made.content_hash, now=now)
    return made


def test_the_page_is_never_cached_and_shows_credentials_once(rita: Rita) -> None:
    grant = rita.gets_grant()
    page = rita.sees(grant)
    assert page.status_code == 200
    assert "no-store" in page["Cache-Control"]
    secret = [text for text in rita.aws.secrets() if text in page.content.decode()]
    assert len(secret) >= 2
    for later in (pages.of(grant.request), "/", pages.of(grant.request, "denied")):
        assert not [text for text in secret if text in rita.client.get(later).content.decode()]


def test_a_replayed_post_is_decided_again(rita: Rita) -> None:
    grant = rita.gets_grant()
    first = rita.gets(grant)
    revoke(rita, grant)
    answer = rita.asks(grant)
    assert answer.status_code == 409
    assert first.secret_key not in answer.content.decode()
