"""Rita and Richard in the AWS console: who they are there, where it leads, and when it ends."""

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from access.aws import sessions
from access.models import AuditEvent, Grant, Issuance, Role
from access.uploads import upload_policy
from tests.integration import pages
from tests.integration.ritas import Rita, ended, outcomes
from tests.localaws.browser import Browser

HOUR = timedelta(hours=1)


def opened(rita: Rita, grant: Grant, browser: Browser, **form: str) -> Any:
    """Follow the portal into the console, and return the console's page."""
    answer = rita.opens_console(grant, **form)
    assert answer.status_code == 302, answer.content
    page = browser.ask(answer["Location"])
    assert page.status == 200, page.text
    return page


def words(link: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(link).query).items()}


def test_the_console_names_the_session_and_its_end(rita: Rita) -> None:
    grant = rita.gets_grant()
    browser = Browser(rita.aws)
    page = opened(rita, grant, browser)
    found = browser.whoami().json
    assert found["arn"].endswith(f"/{grant.session_name}")
    assert grant.session_name in page.text
    expires = datetime.fromisoformat(found["expires"])
    assert abs(expires - grant.ends_at) < timedelta(seconds=20)
    assert f"{expires.astimezone(UTC):%H:%M}" in page.text


def test_in_the_console_rita_can_do_only_what_the_role_allows(rita: Rita) -> None:
    browser = Browser(rita.aws)
    opened(rita, rita.gets_grant(), browser)
    assert browser.act("put", rita.bucket)["code"] == "ok"
    assert browser.act("list", rita.bucket)["code"] == "AccessDenied"


def test_a_portal_issued_console_session_ends_with_the_grant(rita: Rita) -> None:
    grant, browser = rita.gets_grant(length=timedelta(minutes=1)), Browser(rita.aws)
    opened(rita, grant, browser)
    assert browser.act("put", rita.bucket)["code"] == "ok"
    rita.aws.clock(ended(grant).total_seconds())
    assert browser.act("put", rita.bucket)["code"] == "AccessDenied"


def test_a_twelve_hour_console_session_of_richards_is_denied_after_the_end(rita: Rita) -> None:
    grant = rita.env.create_grant()
    rita.env.reconcile()
    browser = Browser(rita.aws)
    link = browser.link(rita.richards(grant), SessionDuration="43200")
    assert browser.ask(link).status == 200
    assert browser.act("put", rita.bucket)["code"] == "ok"
    rita.aws.clock((ended(grant) + 2 * HOUR).total_seconds())
    # The console itself still holds its session …
    assert datetime.fromisoformat(browser.whoami().json["expires"]) > grant.ends_at + 10 * HOUR
    # … and AWS denies whatever is done with it, with nothing of Daypass having run since the access was given.
    assert browser.act("put", rita.bucket)["code"] == "AccessDenied"


def test_after_a_revocation_every_access_method_is_denied_once_it_has_propagated(rita: Rita) -> None:
    hers, his = rita.gets_grant(), rita.env.create_grant()
    rita.env.reconcile()
    keys, own, browser = rita.gets(hers), rita.richards(his), Browser(rita.aws)
    opened(rita, hers, browser)
    assert rita.can_upload(keys)
    assert rita.can_upload(own)
    assert browser.act("put", rita.bucket)["code"] == "ok"
    for grant in (hers, his):
        pages.visitor(rita.env.cast.alice).post(pages.of(grant.request, "request_revoke"), {"reason": "Enough."})
    rita.env.reconcile()
    assert not rita.can_upload(keys)
    assert not rita.can_upload(own)
    assert browser.act("put", rita.bucket)["code"] == "AccessDenied"
    assert rita.opens_console(hers).status_code == 409
    assert not rita.env.can_assume(his.principal_arn, his.session_name)


def test_the_redirect_leaves_no_trace(rita: Rita) -> None:
    grant = rita.gets_grant()
    answer = rita.opens_console(grant)
    assert "no-store" in answer["Cache-Control"]
    assert answer["Referrer-Policy"] == "no-referrer"
    assert answer.content == b""
    token = words(answer["Location"])["SigninToken"]
    assert token in rita.aws.secrets()
    assert "SigninToken" not in str(list(AuditEvent.objects.values())) + str(list(Issuance.objects.values()))
    assert "SessionDuration" not in answer["Location"]
    (call,) = [call for call in rita.aws.calls() if call["action"] == "GetSigninToken"][-1:]
    assert "SessionDuration" not in call["params"]


def test_the_console_links_back_to_the_request(rita: Rita) -> None:
    grant = rita.gets_grant()
    issuer = words(rita.opens_console(grant)["Location"])["Issuer"]
    assert issuer == f"http://testserver{pages.of(grant.request)}"


@pytest.mark.parametrize("service", ["console", "s3", "ec2", "cloudwatch", "lambda"])
def test_it_opens_the_page_of_the_service_in_the_region_of_the_role(rita: Rita, service: str) -> None:
    place = urlsplit(words(rita.opens_console(rita.gets_grant(), service=service)["Location"])["Destination"])
    assert (place.scheme, place.netloc) == ("https", "us-east-1.console.aws.amazon.com")
    assert place.path == f"/{service}/home"


def test_it_opens_the_only_bucket_and_prefix_of_the_role(rita: Rita) -> None:
    grant = rita.gets_grant()
    one = upload_policy("one-bucket", prefix="in-out/", must_belong_to_us=False)
    Role.objects.filter(pk=grant.role_id).update(permissions=one)
    place = urlsplit(words(rita.opens_console(grant, service="bucket")["Location"])["Destination"])
    assert (place.netloc, place.path) == ("us-east-1.console.aws.amazon.com", "/s3/buckets/one-bucket")
    assert parse_qs(place.query) == {"region": ["us-east-1"], "prefix": ["in-out/"]}


def test_a_role_without_exactly_one_bucket_opens_no_bucket(rita: Rita) -> None:
    grant = rita.gets_grant()
    Role.objects.filter(pk=grant.role_id).update(permissions={})
    assert rita.opens_console(grant, service="bucket").status_code == 409
    assert outcomes() == []


@pytest.mark.parametrize(
    "service",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "https:evil.example",
        "s3@evil.example",
        "s3/../../evil",
        "S3",
        "",
        "https://console.amazonaws.cn/s3/home",
        "s3\n",
    ],
)
def test_it_redirects_nowhere_else(rita: Rita, service: str) -> None:
    grant = rita.gets_grant()
    answer = rita.opens_console(grant, service=service, Destination="https://evil.example", next="//evil.example")
    assert answer.status_code == 409
    assert pages.codes(answer) == {"console_page_unknown"}
    assert outcomes() == []
    assert rita.assumed(grant) == []


@pytest.mark.parametrize(
    ("partition", "region", "signin", "console"),
    [
        ("aws", "eu-west-1", "https://signin.aws.amazon.com/federation", "eu-west-1.console.aws.amazon.com"),
        (
            "aws-us-gov",
            "us-gov-west-1",
            "https://signin.amazonaws-us-gov.com/federation",
            "us-gov-west-1.console.amazonaws-us-gov.com",
        ),
        ("aws-cn", "cn-north-1", "https://signin.amazonaws.cn/federation", "cn-north-1.console.amazonaws.cn"),
    ],
)
def test_every_partition_has_its_own_sign_in_and_console(
    partition: str, region: str, signin: str, console: str
) -> None:
    assert sessions.SIGNIN[partition] == signin
    place = urlsplit(sessions.destination(partition=partition, region=region, service="s3"))
    assert place.netloc == console


def test_a_role_without_console_is_not_opened_there(rita: Rita) -> None:
    grant = rita.gets_grant()
    Role.objects.update(allows_console=False)
    assert "access_method_not_allowed" in pages.codes(rita.opens_console(grant))
    Role.objects.update(allows_console=True, allows_portal_issued=False)
    assert rita.asks(grant).json()["code"] == "access_method_not_allowed"
    assert rita.assumed(grant) == []


def test_when_the_sign_in_endpoint_refuses_rita_reads_a_sentence_and_the_record_says_failed(
    rita: Rita, settings: Any
) -> None:
    grant = rita.gets_grant()
    for endpoint in (f"{rita.aws.url}/oauth", "http://127.0.0.1:1/federation", f"{rita.aws.url}/_local/clock"):
        settings.SIGNIN_URL = endpoint
        answer = rita.opens_console(grant)
        assert answer.status_code == 409
        assert "sign-in service" in pages.text(answer)
    assert [outcome for outcome, _ in outcomes()] == ["failed"] * 3
    assert all(key.startswith("ASIA") for key in Issuance.objects.values_list("access_key_id", flat=True))
    held = str(list(Issuance.objects.values())) + str(list(AuditEvent.objects.values()))
    assert not [secret for secret in rita.aws.secrets() if secret in held]


def test_the_sign_out_page_leads_out_of_the_console_and_back_in(rita: Rita) -> None:
    grant, browser = rita.gets_grant(), Browser(rita.aws)
    answer = rita.client.post(pages.of(grant.request, "console_sign_out"))
    assert answer.status_code == 302
    assert answer["Referrer-Policy"] == "no-referrer"
    assert urlsplit(answer["Location"]).path == "/oauth"
    opened(rita, grant, browser)
    assert browser.whoami().status == 200
    browser.ask(answer["Location"])
    assert browser.whoami().status == 401
    opened(rita, grant, browser)
    assert browser.whoami().status == 200
