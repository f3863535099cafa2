"""Portal-issued sessions are opened and used only from the addresses of the grant."""

import json

import pytest

from access import credentials, trust
from access.models import Grant, Issuance
from tests.factories import NOON
from tests.integration import pages
from tests.integration.ritas import JSON, Rita, outcomes
from tests.refusals import refusing

OFFICE, LOOPBACK = "203.0.113.0/24", "127.0.0.1/32"


def asked_from(rita: Rita, grant: Grant, address: str, **headers: str) -> tuple[int, str]:
    """Return the status and the body of the answer to Rita at this address."""
    url = pages.of(grant.request, "credentials")
    answer = rita.client.post(url, REMOTE_ADDR=address, headers=JSON | headers)
    return answer.status_code, answer.content.decode()


@pytest.mark.parametrize("address", ["198.51.100.7", "203.0.114.0", "2001:db8::1"])
def test_from_another_address_the_portal_opens_no_session(rita: Rita, address: str) -> None:
    grant = rita.gets_grant(sources=(OFFICE,))
    status, said = asked_from(rita, grant, address)
    assert status == 409
    assert f"This grant can be used only from {OFFICE}, and your address is {address}." in json.loads(said)["error"]
    assert rita.assumed(grant) == []
    assert not Issuance.objects.exists()


def test_a_header_that_anybody_can_set_changes_no_address(rita: Rita) -> None:
    grant = rita.gets_grant(sources=(OFFICE,))
    status, _ = asked_from(rita, grant, "198.51.100.7", **{"X-Forwarded-For": "203.0.113.7"})
    assert status == 409


def test_behind_a_trusted_proxy_its_header_counts(rita: Rita, settings: object) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1  # type: ignore[attr-defined]
    grant = rita.gets_grant(sources=(OFFICE,))
    for seen, status in (("198.51.100.9, 203.0.113.7", 200), ("203.0.113.7, 198.51.100.9", 409)):
        assert asked_from(rita, grant, "10.0.0.2", **{"X-Forwarded-For": seen})[0] == status
    assert asked_from(rita, grant, "10.0.0.2")[0] == 409


def test_the_console_can_be_opened_only_from_allowed_addresses_too(rita: Rita) -> None:
    grant = rita.gets_grant(sources=(OFFICE,))
    url = pages.of(grant.request, "console")
    assert rita.client.post(url, {"service": "s3"}, REMOTE_ADDR="198.51.100.7").status_code == 409
    assert rita.client.post(url, {"service": "s3"}, REMOTE_ADDR="203.0.113.7").status_code == 302
    assert outcomes() == [("issued", "")]


def test_from_an_allowed_address_the_session_works_and_aws_refuses_it_elsewhere(rita: Rita) -> None:
    here = rita.gets_grant(sources=(LOOPBACK,))
    assert rita.can_upload(rita.gets(here))
    there = rita.gets_grant(sources=(OFFICE,))
    made = credentials.issue(by=rita.env.cast.rita, grant=there, now=rita.env.clock, address="203.0.113.7").session
    keys = rita.env.aws.client("s3", made.access_key_id, made.secret_access_key, made.session_token)
    with pytest.raises(keys.exceptions.ClientError, match="AccessDenied"):
        keys.put_object(Bucket=rita.bucket, Key="file.txt", Body=b"important")


def test_when_the_address_is_unknown_no_session_is_opened(rita: Rita) -> None:
    grant = rita.gets_grant(sources=(OFFICE,))
    with refusing("address_unknown"):
        credentials.issue(by=rita.env.cast.rita, grant=grant, now=rita.env.clock)


def test_the_session_policy_names_the_addresses_and_exempts_calls_by_aws_services() -> None:
    plain = trust.compile_session_policy(ends_at=NOON)
    bound = trust.compile_session_policy(ends_at=NOON, source_cidrs=[OFFICE, LOOPBACK])
    assert bound["Statement"][:2] == plain["Statement"]
    assert bound["Statement"][2:] == [
        {
            "Effect": "Deny",
            "Action": "*",
            "Resource": "*",
            "Condition": {
                "NotIpAddress": {"aws:SourceIp": [LOOPBACK, OFFICE]},
                "BoolIfExists": {"aws:ViaAWSService": "false"},
            },
        }
    ]
