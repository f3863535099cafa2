"""The console of the local AWS: sign-in links, sessions that outlive their credentials, and their end."""

import json
import urllib.parse
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.contract.moments import at
from tests.localaws.browser import DESTINATION, ISSUER, Browser
from tests.localaws.example import BUCKET, RICHARD_ARN, ROLE, Example, document, make_example, trust
from tests.localaws.server import HOST_ACCOUNT, LocalAws

HOUR = 3600
MINUTE = 60


@pytest.fixture
def visitor(example: Example) -> Browser:
    return Browser(example.aws)


def signed_in(example: Example, visitor: Browser, **rest: str) -> str:
    page = visitor.ask(visitor.link(example.assume("grant-1"), **rest))
    assert page.status == 200
    return page.text


def deny_from(example: Example, moment: str) -> None:
    """Write the dated Deny on the session into the role's expiry policy."""
    iam = example.aws.root()
    role_id = iam.get_role(RoleName=ROLE)["Role"]["RoleId"]
    condition = {
        "StringEquals": {"aws:userid": f"{role_id}:grant-1"},
        "DateGreaterThanEquals": {"aws:CurrentTime": moment},
    }
    closing = document({"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": condition})
    iam.put_role_policy(RoleName=ROLE, PolicyName="closing", PolicyDocument=json.dumps(closing))


def test_the_page_shows_session_account_end_destination_and_issuer(example: Example, visitor: Browser) -> None:
    page = signed_in(example, visitor)
    told = visitor.whoami().json
    assert told["arn"] == f"arn:aws:sts::{HOST_ACCOUNT}:assumed-role/{ROLE}/grant-1"
    for fact in (told["arn"], told["account"], told["expires"], DESTINATION, ISSUER):
        assert fact in page


def test_the_page_makes_no_requests_to_other_hosts(example: Example, visitor: Browser) -> None:
    page = signed_in(example, visitor)
    assert "<script" not in page
    assert "src=" not in page
    assert "@import" not in page


def test_get_returns_a_sign_in_token_too(example: Example, visitor: Browser) -> None:
    who = example.assume()
    session = json.dumps({"sessionId": who.access_key, "sessionKey": who.secret_key, "sessionToken": who.token})
    query = urllib.parse.urlencode({"Action": "getSigninToken", "Session": session})
    assert visitor.ask(f"/federation?{query}").json["SigninToken"]


def test_the_console_session_has_keys_of_its_own_and_the_same_user_id(example: Example, visitor: Browser) -> None:
    session = example.assume("grant-1")
    visitor.ask(visitor.link(session))
    visitor.act("put", BUCKET)
    assert visitor.whoami().json["userid"].endswith(":grant-1")
    call = example.aws.calls()[-1]
    assert (call["action"], call["outcome"]) == ("PutObject", "ok")
    assert call["caller"].endswith(f"{ROLE}/grant-1")


def test_the_console_can_do_only_what_the_role_allows(example: Example, visitor: Browser) -> None:
    signed_in(example, visitor)
    assert visitor.act("put", BUCKET)["code"] == "ok"
    assert visitor.act("get", BUCKET)["code"] == "AccessDenied"
    assert visitor.act("list", BUCKET)["code"] == "AccessDenied"


def test_a_session_policy_applies_in_the_console_too(example: Example, visitor: Browser) -> None:
    nothing = document({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"})
    visitor.ask(visitor.link(example.assume(Policy=json.dumps(nothing))))
    assert visitor.act("put", BUCKET)["code"] == "AccessDenied"


def test_without_a_duration_the_console_ends_with_the_credentials(example: Example, visitor: Browser) -> None:
    signed_in(example, visitor)
    example.aws.clock(HOUR + 1)
    assert visitor.whoami().status == 401


def test_a_twelve_hour_console_session_outlives_its_credentials(example: Example, visitor: Browser) -> None:
    signed_in(example, visitor, SessionDuration="43200")
    example.aws.clock(11 * HOUR)
    assert visitor.act("put", BUCKET)["code"] == "ok"
    example.aws.clock(12 * HOUR + MINUTE)
    assert visitor.whoami().status == 401


def test_a_dated_deny_ends_a_twelve_hour_console_session(example: Example, visitor: Browser) -> None:
    deny_from(example, at(HOUR))
    signed_in(example, visitor, SessionDuration="43200")
    assert visitor.act("put", BUCKET)["code"] == "ok"
    example.aws.clock(3 * HOUR)
    assert visitor.whoami().status == 200
    assert visitor.act("put", BUCKET)["code"] == "AccessDenied"


def test_a_sign_in_link_lives_fifteen_minutes(example: Example, visitor: Browser) -> None:
    link = visitor.link(example.assume())
    example.aws.clock(14 * MINUTE)
    assert visitor.ask(link).status == 200
    example.aws.clock(16 * MINUTE)
    assert visitor.ask(link).status == 400


@pytest.mark.parametrize("part", ["access_key", "secret_key", "token"])
def test_wrong_credentials_get_no_token(example: Example, visitor: Browser, part: str) -> None:
    right, other = example.assume(), example.assume()
    mixed = type(right)(**{**vars(right), part: getattr(other, part)})
    assert visitor.signin_token(mixed).status == 400


def test_a_token_request_is_logged_without_the_credentials(example: Example, visitor: Browser) -> None:
    session = example.assume("grant-1")
    visitor.signin_token(session, SessionDuration="900")
    call = example.aws.calls()[-1]
    assert (call["service"], call["action"], call["outcome"]) == ("signin", "GetSigninToken", "ok")
    assert call["caller"].endswith("/grant-1")
    assert call["params"] == {"SessionDuration": "900"}


def test_a_token_request_can_fail(example: Example, visitor: Browser) -> None:
    example.aws.fault("GetSigninToken", "error", status=503, times=1)
    session = example.assume()
    assert visitor.signin_token(session).status == 503
    assert visitor.signin_token(session).status == 200


def test_a_forged_token_opens_nothing(visitor: Browser) -> None:
    query = urllib.parse.urlencode({"Action": "login", "Destination": DESTINATION, "SigninToken": "made-up"})
    assert visitor.ask(f"/federation?{query}").status == 400


@pytest.mark.parametrize("form", [{}, {"Action": "other"}, {"Action": "getSigninToken", "Session": "no json"}])
def test_nonsense_is_refused(visitor: Browser, form: dict[str, str]) -> None:
    assert visitor.ask("/federation", form).status == 400


def test_a_browser_signed_in_to_another_account_must_sign_out_first(example: Example, visitor: Browser) -> None:
    iam = example.aws.root("222222222222")
    text = json.dumps(document(trust(RICHARD_ARN)))
    arn = iam.create_role(RoleName="own", AssumeRolePolicyDocument=text)["Role"]["Arn"]
    sts = example.aws.as_(example.richard, "sts")
    own = sts.assume_role(RoleArn=arn, RoleSessionName="own-session")
    visitor.ask(visitor.link(type(example.richard).of(own)))
    link = visitor.link(example.assume("grant-1"))
    assert "You must first log out" in visitor.ask(link).text
    hop = "/oauth?" + urllib.parse.urlencode({"Action": "logout", "redirect_uri": example.aws.url + link})
    left = visitor.ask(hop)
    assert (left.status, left.headers["location"]) == (302, example.aws.url + link)
    assert visitor.ask(left.headers["location"]).status == 200
    assert visitor.whoami().json["account"] == HOST_ACCOUNT


def test_the_sign_out_page_redirects_nowhere_else(visitor: Browser) -> None:
    query = urllib.parse.urlencode({"Action": "logout", "redirect_uri": "https://evil.example/"})
    assert visitor.ask(f"/oauth?{query}").status == 400


def test_the_content_of_a_link_is_shown_as_text(example: Example, visitor: Browser) -> None:
    token = visitor.signin_token(example.assume()).json["SigninToken"]
    asked = {"Action": "login", "Issuer": "<b>x</b>", "Destination": DESTINATION, "SigninToken": token}
    assert "<b>x</b>" not in visitor.ask("/federation?" + urllib.parse.urlencode(asked)).text


def test_a_console_session_comes_back_after_a_restart(tmp_path: Path, begin: Callable[..., LocalAws]) -> None:
    aws = begin(state_dir=tmp_path)
    visitor = Browser(aws)
    signed_in(make_example(aws), visitor)
    aws.stop()
    again = begin(state_dir=tmp_path, port=int(aws.url.rpartition(":")[2]))
    assert Browser(again, visitor.jar).whoami().status == 200
