"""The approver sees what their approval will write, and that is what AWS gets."""

import html
import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from access.actions import requests
from access.models import Account, Grant, Request, Role, RoleState, User
from access.presenters import diff
from tests import factories
from tests.factories import HOUR, Cast
from tests.integration import pages
from tests.integration.conftest import Enqueued
from tests.integration.environment import DEFAULT_DENY, Environment
from tests.integration.pages import decision, text, visitor

UNMANAGED = {
    "Sid": "TheirOwn",
    "Effect": "Allow",
    "Principal": {"Service": "ec2.amazonaws.com"},
    "Action": "sts:AssumeRole",
}


def shown(person: User, request: Request, *, number: int = 0) -> list[tuple[str, str]]:
    """Return the lines of one of the page's two comparisons: the sign, and the text."""
    page = visitor(person).get(pages.of(request, "approval")).content.decode()
    boxes = re.findall(r'<pre class="diff".*?</pre>', page, re.DOTALL)
    lines = re.findall(r"<(ins|del|span)>(.) (.*?)</\1>", boxes[number])
    return [(sign, html.unescape(line)) for _, sign, line in lines]


def as_document(lines: list[tuple[str, str]], *signs: str) -> Any:
    return json.loads("\n".join(line for sign, line in lines if sign in signs))


def after(lines: list[tuple[str, str]]) -> Any:
    """Return the document as it will be: what is added, and what stays."""
    return as_document(lines, "+", " ")


def normal(statement: Any, *, grant: Grant | None = None) -> str:
    """Return one spelling of a statement, with the grant's times filled in where they were not known yet."""
    spelled = json.dumps(statement, sort_keys=True)
    if grant is None:
        return spelled
    start, end = (f"{at:%Y-%m-%dT%H:%M:%SZ}" for at in (grant.starts_at, grant.ends_at))
    return spelled.replace(str(diff.WHEN_APPROVED), start).replace("(1 hour after approval)", end)


def in_aws(env: Environment, sid: str) -> Any:
    return next(statement for statement in env.trust()["Statement"] if statement.get("Sid") == sid)


@pytest.fixture
def asked(env: Environment) -> Request:
    """Return Richard's request for an hour, after the worker has read the role."""
    env.reconcile()
    return factories.ask(env.cast, now=env.clock(), principal_arn=env.richard_arn)


def approve(env: Environment, request: Request) -> None:
    """Have Alice approve on the page, and the worker reconcile the role."""
    answer = visitor(env.cast.alice).post(pages.of(request, "approval"), decision(request, verdict="approve"))
    assert answer.status_code == 302
    env.clock.at = timezone.now() + timedelta(seconds=1)
    env.reconcile()


def test_aws_gets_the_statement_that_alice_was_shown(env: Environment, asked: Request) -> None:
    lines = shown(env.cast.alice, asked)
    assert as_document(lines, "-", " ") == DEFAULT_DENY
    (statement,) = after(lines)["Statement"]
    assert statement["Condition"]["DateGreaterThanEquals"] == {"aws:CurrentTime": str(diff.WHEN_APPROVED)}
    approve(env, asked)
    assert normal(statement, grant=Grant.objects.get(request=asked)) == normal(in_aws(env, asked.session_name))


def test_aws_gets_the_deny_that_alice_was_shown(env: Environment, asked: Request) -> None:
    lines = shown(env.cast.alice, asked, number=1)
    assert {sign for sign, _ in lines} == {"+"}
    approve(env, asked)
    assert normal(after(lines), grant=Grant.objects.get(request=asked)) == normal(env.expiry_policy())


def test_a_requested_start_is_shown_as_it_will_be_written(env: Environment) -> None:
    env.reconcile()
    start = env.clock() + HOUR
    request = factories.ask(
        env.cast, now=env.clock(), principal_arn=env.richard_arn, starts_at=start, ends_at=start + HOUR
    )
    (statement,) = after(shown(env.cast.alice, request))["Statement"]
    approve(env, request)
    assert normal(statement) == normal(in_aws(env, request.session_name))


def test_unmanaged_statements_and_other_grants_stay_and_are_shown_as_unchanged(env: Environment) -> None:
    Role.objects.filter(pk=env.role.pk).update(is_managed=False)
    env.edit_trust(UNMANAGED)
    other = env.create_grant(by=env.cast.rita, principal_arn="")
    env.reconcile()
    request = factories.ask(env.cast, now=env.clock(), principal_arn=env.richard_arn)
    lines = shown(env.cast.alice, request)
    assert not [line for sign, line in lines if sign == "-"]
    assert {statement["Sid"] for statement in after(lines)["Statement"]} == {
        "TheirOwn",
        other.session_name,
        request.session_name,
    }
    added = [line for sign, line in lines if sign == "+"]
    (statement,) = [s for s in after(lines)["Statement"] if s["Sid"] == request.session_name]
    assert normal(json.loads("\n".join(added).rstrip(","))) == normal(statement)


def test_an_approval_of_an_extension_moves_only_the_end(env: Environment) -> None:
    grant = env.create_grant()
    env.reconcile()
    request = requests.extend(
        by=env.cast.richard, grant=grant, ends_at=grant.ends_at + HOUR, reason="Not done yet.", now=env.clock()
    )
    for number in (0, 1):
        lines = shown(env.cast.alice, request, number=number)
        old, new = (f'"aws:CurrentTime": "{at:%Y-%m-%dT%H:%M:%SZ}"' for at in (grant.ends_at, request.ends_at))
        assert [(sign, line.strip()) for sign, line in lines if sign != " "] == [("-", old), ("+", new)]
    lines = shown(env.cast.alice, request)
    approve(env, request)
    assert normal(after(lines)["Statement"][0]) == normal(in_aws(env, grant.session_name))


def test_for_a_full_role_the_page_shows_the_policies_of_the_overflow_role(cast: Cast) -> None:
    now = timezone.now()
    Role.objects.update(allows_overflow=True)
    Account.objects.update(trust_quota=500)
    factories.create_grant(cast, now=now)
    request = factories.ask(cast, now=now, by=cast.rita, principal_arn="")
    page = text(visitor(cast.alice).get(pages.of(request, "approval")))
    assert f"{cast.role.name}-2 does not exist in AWS yet." in page
    lines = shown(cast.alice, request)
    assert {sign for sign, _ in lines} == {"+"}
    assert [statement["Sid"] for statement in after(lines)["Statement"]] == [request.session_name]


def test_the_reason_of_the_request_does_not_change_the_preview(env: Environment) -> None:
    reason = '"Principal": {"AWS": "*"} </pre><ins>+ "AWS": "*"</ins>'
    request = factories.ask(env.cast, now=env.clock(), principal_arn=env.richard_arn, reason=reason)
    (statement,) = after(shown(env.cast.alice, request))["Statement"]
    assert statement["Principal"] == {"AWS": env.richard_arn}


def test_where_unmanaged_statements_admit_the_principal_no_end_is_moved_and_the_page_says_so(env: Environment) -> None:
    grant = env.create_grant()
    env.reconcile()
    request = requests.extend(
        by=env.cast.richard, grant=grant, ends_at=grant.ends_at + HOUR, reason="Not done yet.", now=env.clock()
    )
    Role.objects.filter(pk=env.role.pk).update(is_managed=False)
    env.edit_trust(UNMANAGED | {"Principal": {"AWS": env.richard_arn}})
    env.reconcile()
    page = visitor(env.cast.alice).get(pages.of(request, "approval"))
    assert "extended_grant_over" in pages.codes(page)


def test_a_role_that_was_not_read_yet_is_marked_as_such(cast: Cast) -> None:
    request = factories.ask(cast, now=timezone.now())
    page = text(visitor(cast.alice).get(pages.of(request, "approval")))
    assert f"The worker has not read {cast.role.name} from AWS yet" in page


@pytest.mark.parametrize(("age", "asks"), [(59, False), (62, True)])
def test_an_old_snapshot_is_requested_again_and_delays_nothing(
    cast: Cast,
    enqueued: list[Enqueued],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
    time_machine: Any,
    age: int,
    asks: bool,
) -> None:
    time_machine.move_to(factories.NOON, tick=False)
    request = factories.ask(cast)
    RoleState.objects.update(observed_trust=DEFAULT_DENY, observed_at=factories.NOON - timedelta(seconds=age))
    with django_capture_on_commit_callbacks(execute=True):
        page = visitor(cast.alice).get(pages.of(request, "approval"))
    assert ("The worker is reading the role again" in text(page)) == asks
    assert enqueued == ([Enqueued(cast.role.pk, "default")] if asks else [])
    assert 'value="approve"' in page.content.decode()
