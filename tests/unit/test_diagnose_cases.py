# ruff: noqa: E501  # AWS's sentences are kept as they are
"""Genuine sentences of AWS and its programs: the first answer names what somebody who knows would name.

`denials.json` holds sentences that people posted; `MORE` holds their sisters.
"""

import json
from pathlib import Path

import pytest

from access.diagnose import KnownRole, parse, reasons
from tests.unit.facts import HOUR, NOON, ROLE, grant

ROWS = [(row["sentence"], row["names"]) for row in json.loads((Path(__file__).parent / "denials.json").read_text())]
ACTIVE = grant(applied_at=NOON - HOUR)
# It allows every action on its own bucket, so the action is never the only answer.
PERMITS = {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3:::importantprojectbucket/*"}]}
SESSION = "arn:aws:sts::111111111111:assumed-role/importantproject-contractorA-bucket-put/dprichardrichard"
MORE = [
    ("An error occurred (InvalidAccessKeyId) when calling the PutObject operation: The AWS Access Key Id you provided does not exist in our records.", ["keys"]),
    ("An error occurred (MissingAuthenticationToken) when calling the PutObject operation: Request is missing Authentication Token", ["no keys"]),
    ("Error loading SSO Token: Token for https://example.awsapps.com/start does not exist", ["sso"]),
    ("NoCredentialProviders: no valid providers in chain. Deprecated.", ["no keys"]),
    ("No credentials specified or obtained from persisted/shell defaults.", ["no keys"]),
    ('The source_profile "me" referenced in the profile "daypass" does not exist', ["source_profile"]),
    ("Partial credentials found in assume-role, missing: source_profile or credential_source", ["keys", "source_profile"]),
    ("Unable to parse config file: /home/richard/.aws/config", ["configuration"]),
    ('You must specify a region. You can also configure your region by running "aws configure".', ["region"]),
    ("SSL validation failed for https://s3.eu-west-1.amazonaws.com/ [SSL: CERTIFICATE_VERIFY_FAILED]", ["certificate"]),
    ('Failed to connect to proxy URL: "http://proxy.example:3128"', ["network", "proxy"]),
    ("An error occurred (RegionDisabledException) when calling the AssumeRole operation: STS is not activated in this region for account:222222222222.", ["region"]),
    ("An error occurred (PermanentRedirect) when calling the PutObject operation: The bucket you are attempting to access must be addressed using the specified endpoint.", ["region"]),
    ("An error occurred (NoSuchKey) when calling the GetObject operation: The specified key does not exist.", ["object"]),
    ("An error occurred (AccessDenied) when calling the AssumeRole operation: MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user.", ["device", "mfa_serial"]),
    ("An error occurred (AccessDenied) when calling the GetFederationToken operation: Cannot call GetFederationToken with session credentials", ["session"]),
    ("An error occurred (ValidationError) when calling the AssumeRole operation: 1 validation error detected: Value '99999' at 'durationSeconds' failed to satisfy constraint: Member must have value less than or equal to 43200", ["duration", "long"]),
    ("An error occurred (AccessDenied) when calling the PutBucketPolicy operation: User: " + SESSION + ' is not authorized to perform: s3:PutBucketPolicy on resource: "arn:aws:s3:::b" because public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access.', ["public"]),
    ("\u2502 Error: User: " + SESSION + " is not\n\u2502 authorized to perform: sqs:SendMessage on resource: arn:aws:sqs:eu-west-1:111111111111:q with an\n\u2502 explicit deny in a resource-based policy\n\u2575", ["queue", "resource"]),
    ("Read-S3Object : Access\u00a0Denied", ["s3:GetObject", "read", "bucket", "does not permit"]),
    ("api error AccessDenied: User: " + SESSION + " is not authorized to perform: kms:Decrypt on resource: arn:aws:kms:eu-west-1:111111111111:key/1 because no resource-based policy allows the kms:Decrypt action", ["key policy"]),
]  # fmt: skip


@pytest.mark.parametrize(("sentence", "names"), [*ROWS, *MORE])
def test_the_first_answer_names_the_cause(sentence: str, names: list[str]) -> None:
    first = reasons(sentence, "", ACTIVE, KnownRole(ROLE.arn, PERMITS), now=NOON + HOUR / 2)[0]
    said = f"{first.why} {first.fix}".lower()
    assert any(name.lower() in said for name in names), said


def test_their_own_keys_come_before_known_facts_of_the_grant() -> None:
    over = grant(applied_at=NOON - HOUR, revoked_at=NOON)
    said = reasons("Unable to locate credentials", "", over, KnownRole(ROLE.arn, PERMITS), now=NOON)
    assert [one.why.code for one in said[:2]] == ["denied_no_keys", "denied_ended_early"]


WRAPPED = [
    "User: {who} is not authorized to perform: iam:CreateRole on resource: arn:aws:iam::1:role/x because no permissions boundary allows the iam:CreateRole action",
    "\u2577\n\u2502 User: {who} is not\n\u2502 authorized to perform: iam:CreateRole on resource:\n\u2502 arn:aws:iam::1:role/x because no permissions\n\u2502 boundary allows the iam:CreateRole action\n\u2575",
    "+ User: {who} is not authorized\r\n+ to perform: iam:CreateRole on resource: arn:aws:iam::1:role/x because no permissions\r\n+ boundary allows the iam:CreateRole action",
    "\x1b[31mUser: {who} is not authorized to perform:\u00a0iam:CreateRole on\u200b resource: arn:aws:iam::1:role/x because no permissions  boundary allows the iam:CreateRole action\x1b[0m",
]  # fmt: skip


@pytest.mark.parametrize("text", WRAPPED)
def test_an_error_message_is_read_however_it_is_wrapped(text: str) -> None:
    found = parse(text.format(who=SESSION))
    assert (found.caller, found.action, found.resource) == (SESSION, "iam:CreateRole", "arn:aws:iam::1:role/x")
    assert found.missing_in == "permissions boundary"
