"""What the page of an active access gives to paste: the contractor's kit."""

import configparser
import json
import re
import shlex
from typing import Any

import pytest
from django.test import Client
from time_machine import TimeMachineFixture

from access import admission
from access.actions import contents
from access.ledger.grants import mark_applied, record_grant
from access.ledger.requests import settle
from access.ledger.roles import add_overflow_role
from access.models import Grant, Principal
from access.presenters import snippets as kit_page
from tests import factories
from tests.factories import NOON, RICHARD_ARN, SECOND, Cast
from tests.integration import pages
from tests.integration.pages import visitor

PROFILE = "111111111111-importantproject-put"
ROLE_ARN = "arn:aws:iam::111111111111:role/daypass/importantproject-put"


@pytest.fixture(autouse=True)
def at_noon(time_machine: TimeMachineFixture) -> None:
    time_machine.move_to(NOON, tick=False)


@pytest.fixture
def grant(cast: Cast) -> Grant:
    return factories.create_grant(cast)


@pytest.fixture
def active(grant: Grant) -> Grant:
    return applied(grant)


def applied(grant: Grant) -> Grant:
    """Return the grant, after AWS was read back with its statement."""
    mark_applied([grant], by="worker", now=NOON, statements={grant.session_name: {}})
    return Grant.objects.select_related("role__account", "request").get(pk=grant.pk)


def snippets_page(client: Client, grant: Grant) -> dict[str, str]:
    """Return the snippets of the page, by their titles."""
    found = client.get(pages.of(grant.request)).context["snippets"] or {"values": [], "tabs": []}
    return {snippet.title: snippet.text for snippet in found["values"] + found["tabs"]}


def test_the_snippets_are_shown_only_while_the_grant_is_active(
    cast: Cast, grant: Grant, time_machine: TimeMachineFixture
) -> None:
    client = visitor(cast.richard)
    assert snippets_page(client, grant) == {}
    applied(grant)
    assert snippets_page(client, grant)["Role ARN"] == ROLE_ARN
    time_machine.move_to(grant.ends_at, tick=False)
    assert snippets_page(visitor(cast.richard), grant) == {}


def test_only_richard_sees_the_snippets(cast: Cast, active: Grant) -> None:
    assert snippets_page(visitor(cast.alice), active) == {}
    assert snippets_page(visitor(cast.ada), active) == {}


def test_cmd_takes_the_keys_from_one_call(cast: Cast, active: Grant, settings: Any) -> None:
    """Nothing here runs cmd, but the call between the apostrophes is one that the AWS CLI can read."""
    settings.DEMO, settings.AWS_ENDPOINT_URL = True, "http://127.0.0.1:4566"
    lines = snippets_page(visitor(cast.richard), active)["cmd"].splitlines()
    assert 'set "AWS_ENDPOINT_URL=http://127.0.0.1:4566"' in lines
    (loop,) = (line for line in lines if line.startswith("for /f"))
    call, _, keys = loop.partition("in ('")[2].partition("') do ")
    words = shlex.split(call)
    assert words[:3] == ["aws", "sts", "assume-role"]
    assert dict(zip(words[3::2], words[4::2], strict=True)) == {
        "--region": "us-east-1",
        "--role-arn": ROLE_ARN,
        "--role-session-name": active.session_name,
        "--duration-seconds": "3600",
        "--query": "Credentials.[AccessKeyId,SecretAccessKey,SessionToken]",
        "--output": "text",
    }
    names = ("AWS_ACCESS_KEY_ID=%A", "AWS_SECRET_ACCESS_KEY=%B", "AWS_SESSION_TOKEN=%C")
    assert keys == "@" + " & ".join(f'set "{name}"' for name in names)


def test_the_aws_cli_can_read_the_profile(cast: Cast, active: Grant) -> None:
    profile = configparser.ConfigParser(interpolation=None)
    profile.read_string(snippets_page(visitor(cast.richard), active)["AWS CLI profile"])
    assert dict(profile[f"profile {PROFILE}"]) == {
        "role_arn": ROLE_ARN,
        "role_session_name": active.session_name,
        "source_profile": "default",
        "region": "us-east-1",
        "duration_seconds": "3600",
    }


def test_the_profile_says_how_to_upload(cast: Cast, active: Grant) -> None:
    profile = snippets_page(visitor(cast.richard), active)["AWS CLI profile"]
    assert "aws s3 cp yourfile.txt s3://importantprojectbucket/ --profile " + PROFILE in profile


def test_the_profile_contains_what_the_role_requires(cast: Cast) -> None:
    cast.role.requires_mfa, cast.role.external_id = True, "example-external-id"
    cast.role.save()
    grant = applied(factories.create_grant(cast))
    profile = configparser.ConfigParser(interpolation=None)
    profile.read_string(snippets_page(visitor(cast.richard), grant)["AWS CLI profile"])
    assert profile[f"profile {PROFILE}"]["external_id"] == "example-external-id"
    assert profile[f"profile {PROFILE}"]["mfa_serial"] == RICHARD_ARN.replace("user", "mfa")


def test_each_snippet_says_that_the_device_is_a_guess_and_how_to_find_it(cast: Cast) -> None:
    cast.role.requires_mfa = True
    cast.role.save()
    given = factories.create_grant(cast)
    Principal.objects.filter(requests=given.request).update(arn=f"{RICHARD_ARN[:-7]}staff/Richard")
    grant = applied(given)
    snippets = snippets_page(visitor(cast.richard), grant)
    for title in ("AWS CLI profile", "PowerShell", "Python (boto3)"):
        assert "arn:aws:iam::222222222222:mfa/Richard" in snippets[title]
        assert "guess" in snippets[title]
        assert "list-mfa-devices" in snippets[title] or "Get-IAMMFADevice" in snippets[title]


def test_two_roles_with_one_name_or_account_have_separate_profiles(cast: Cast) -> None:
    role = cast.role
    names = {kit_page.profile_name(role)}
    role.name = "another"
    names.add(kit_page.profile_name(role))
    role.account.account_id = "999999999999"
    names.add(kit_page.profile_name(role))
    assert names == {PROFILE, "111111111111-another", "999999999999-another"}


def test_two_names_that_differ_only_in_odd_signs_have_separate_profiles(cast: Cast) -> None:
    names = set()
    for name in ("with,odd", "with=odd", "with-odd", "with+odd"):
        cast.role.name = name
        names.add(kit_page.profile_name(cast.role))
    assert len(names) == 4
    assert "111111111111-with-odd" in names
    assert all(re.fullmatch(r"[A-Za-z0-9_.-]+", name, re.ASCII) for name in names)


def test_a_second_grant_of_a_role_does_not_overwrite_the_profile_of_the_first(cast: Cast, active: Grant) -> None:
    second = applied(factories.create_grant(cast, ends_at=active.ends_at + 60 * SECOND))
    client = visitor(cast.richard)
    first_profile = snippets_page(client, active)["AWS CLI profile"]
    second_profile = snippets_page(client, second)["AWS CLI profile"]
    assert f"[profile {PROFILE}]" in first_profile
    assert f"[profile {PROFILE}-{second.session_name}]" in second_profile


def test_a_grant_after_the_end_of_another_has_the_profile_of_the_role(
    cast: Cast, active: Grant, time_machine: TimeMachineFixture
) -> None:
    time_machine.move_to(active.ends_at + 60 * SECOND, tick=False)
    later = factories.create_grant(cast, now=active.ends_at + 60 * SECOND)
    assert kit_page.profile_of(later) == PROFILE


@pytest.mark.parametrize(
    ("headers", "title"),
    [
        ({"Sec-CH-UA-Platform": '"Windows"', "User-Agent": "Mozilla/5.0"}, "PowerShell"),
        ({"Sec-CH-UA-Platform": '"macOS"', "User-Agent": "Mozilla/5.0 (Windows NT 10.0)"}, "bash"),
        ({"User-Agent": "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Firefox/140.0"}, "PowerShell"),
        ({"User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"}, "bash"),
        ({}, "bash"),
    ],
)
def test_the_tab_of_the_visitors_system_is_chosen(
    cast: Cast, active: Grant, headers: dict[str, str], title: str
) -> None:
    page = visitor(cast.richard).get(pages.of(active.request), headers=headers)
    assert re.findall(r'name="tab"[^>]*checked>([^<]*)<', page.content.decode()) == [title]


def test_in_the_demo_every_snippet_carries_the_endpoint(cast: Cast, active: Grant, settings: Any) -> None:
    client, titles = visitor(cast.richard), ("bash", "PowerShell", "AWS CLI profile", "Python (boto3)", "Terraform")
    settings.AWS_ENDPOINT_URL = "http://127.0.0.1:4999"
    snippets = snippets_page(client, active)
    assert all(settings.AWS_ENDPOINT_URL in snippets[title] for title in titles)
    settings.DEMO = False
    snippets = snippets_page(client, active)
    assert not [title for title, text in snippets.items() if settings.AWS_ENDPOINT_URL in text or "ndpoint" in text]


@pytest.mark.parametrize(("minutes_left", "seconds"), [(60, 3600), (40, 2400), (15, 900), (14, 900), (1, 900)])
def test_sessions_are_requested_for_the_remaining_time_but_never_below_the_minimum_of_sts(
    cast: Cast, active: Grant, time_machine: TimeMachineFixture, minutes_left: int, seconds: int
) -> None:
    client = visitor(cast.richard)
    time_machine.move_to(active.ends_at - minutes_left * 60 * SECOND, tick=False)
    assert f"duration_seconds = {seconds}" in snippets_page(client, active)["AWS CLI profile"]


def test_the_python_snippet_is_python(cast: Cast, active: Grant) -> None:
    snippet = snippets_page(visitor(cast.richard), active)["Python (boto3)"]
    compile(snippet, "snippet", "exec")
    assert f'RoleSessionName="{active.session_name}"' in snippet


def test_the_powershell_snippet_contains_role_and_session(cast: Cast, active: Grant) -> None:
    snippet = snippets_page(visitor(cast.richard), active)["PowerShell"]
    assert "Use-STSRole" in snippet
    assert f"'{ROLE_ARN}'" in snippet
    assert f"'{active.session_name}'" in snippet


def test_unusual_but_legal_names_are_unchanged(cast: Cast) -> None:
    role = factories.role("odd_name+=,.@-", path="/daypass/a+b=c/")
    role.approvers.add(cast.alice)
    role.contractors.add(*cast.role.contractors.all())
    grant = applied(factories.create_grant(cast, role=role))
    arn = "arn:aws:iam::111111111111:role/daypass/a+b=c/odd_name+=,.@-"
    snippets = snippets_page(visitor(cast.richard), grant)
    assert f"role_arn = {arn}\n" in snippets["AWS CLI profile"]
    assert f'RoleArn="{arn}"' in snippets["Python (boto3)"]
    assert f"'{arn}'" in snippets["PowerShell"]


def test_the_contractors_administrator_gets_a_policy_for_exactly_this_role(cast: Cast, active: Grant) -> None:
    policy = json.loads(snippets_page(visitor(cast.richard), active)["Policy for your AWS administrator"])
    assert policy["Statement"] == [{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": ROLE_ARN}]


@pytest.mark.parametrize("still_overflows", [True, False])
def test_for_a_grant_in_an_overflow_role_the_policy_names_the_role_and_all_its_overflow_roles(
    cast: Cast, still_overflows: bool
) -> None:
    overflow_role, request = admission.new_overflow_role(cast.role, 2), factories.ask(cast)
    add_overflow_role(overflow_role, by=cast.alice, now=NOON)
    grant = contents.new_grant(request, now=NOON)
    grant.role = overflow_role
    settle(request, "approve", by=cast.alice, now=NOON)
    record_grant(grant, by=cast.alice, now=NOON)
    cast.role.allows_overflow = still_overflows
    cast.role.save()
    snippets = snippets_page(visitor(cast.richard), applied(grant))
    assert snippets["Role ARN"] == f"{ROLE_ARN}-2"
    policy = json.loads(snippets["Policy for your AWS administrator"])
    assert policy["Statement"][0]["Resource"] == [ROLE_ARN, f"{ROLE_ARN}-*"]
