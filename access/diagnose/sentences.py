"""Messages of AWS and its programs that say by themselves why a call failed.

Grounds: the texts of STS, S3, EC2 and the console.
"""

import re
from collections.abc import Iterator

from access.diagnose.keys import OWN_SIDE
from access.diagnose.parsing import Refusal
from access.diagnose.reason import Reason, Weight, fix, why
from access.texts.text import Text

_MFA_SERIAL = fix("mfa_serial")

# Words of AWS's messages, how certain the match is, what they mean here, and what to do.
_SENTENCES: tuple[tuple[str, Weight, Text, Text], ...] = (
    (
        r"sts:TagSession",
        "certain",
        why("session_tags"),
        fix("no_tags"),
    ),
    (
        r"sts:SetSourceIdentity",
        "certain",
        why("source_identity"),
        fix("no_source_identity"),
    ),
    (
        r"may not be assumed by root",
        "certain",
        why("root_user"),
        fix("approved_keys"),
    ),
    (
        r"Cannot call Get(?:SessionToken|FederationToken) with session credentials",
        "certain",
        why("session_from_session"),
        fix("own_keys"),
    ),
    (
        r"AssumeRoleWith(?:WebIdentity|SAML)",
        "certain",
        why("web_identity"),
        fix("use_snippets"),
    ),
    (
        r"1 hour session limit",
        "certain",
        why("chained_too_long"),
        fix("an_hour"),
    ),
    (
        r"exceeds the MaxSessionDuration",
        "certain",
        why("longer_than_role"),
        fix("duration_of_snippet"),
    ),
    (
        r"durationSeconds.{0,120}greater than or equal to",
        "certain",
        why("duration_too_short"),
        fix("duration_of_snippet"),
    ),
    (
        r"durationSeconds.{0,120}less than or equal to",
        "certain",
        why("duration_too_long"),
        fix("duration_of_snippet"),
    ),
    (
        r"unable to validate MFA code|MFA serial number is valid",
        "certain",
        why("other_mfa_device"),
        _MFA_SERIAL,
    ),
    (
        r"must provide both MFA serial number",
        "certain",
        why("mfa_incomplete"),
        _MFA_SERIAL,
    ),
    (
        r"MultiFactorAuthentication failed|invalid MFA",
        "certain",
        why("mfa_code_wrong"),
        fix("next_code"),
    ),
    (
        r"Member must satisfy regular expression pattern|Invalid length for parameter|role/.{0,80} is invalid",
        "certain",
        why("value_damaged"),
        fix("copy_again"),
    ),
    (
        r"Could not switch roles",
        "likely",
        why("switch_role"),
        fix("snippets_or_console"),
    ),
    (
        r"Block ?Public ?(?:Acls|Access|Policy)|public access control lists",
        "certain",
        why("public_acl"),
        fix("no_public_acl"),
    ),
    (
        r"AccessControlListNotSupported|does not allow ACLs",
        "certain",
        why("no_acls"),
        fix("no_acl"),
    ),
    (
        (
            r"AuthorizationHeaderMalformed|region '.{1,30}' is wrong|PermanentRedirect|IllegalLocationConstraint"
            r"|must be addressed using the specified endpoint"
        ),
        "certain",
        why("other_region"),
        fix("named_region"),
    ),
    (
        r"NoSuchBucket|specified bucket does not exist",
        "certain",
        why("no_bucket"),
        fix("bucket_name"),
    ),
    (
        r"NoSuchKey|specified key does not exist",
        "certain",
        why("no_object"),
        fix("object_name"),
    ),
    (
        r"NoSuchEntity|ResourceNotFound|NotFoundException",
        "certain",
        why("not_found"),
        fix("check_name"),
    ),
    (
        r"object lock|ObjectLock|WORM protected",
        "certain",
        why("object_locked"),
        fix("other_name"),
    ),
    (
        r"[Ee]ncoded authorization failure message|UnauthorizedOperation",
        "likely",
        why("reason_encoded"),
        fix("decode"),
    ),
    (
        r"kms:(?:GenerateDataKey|Decrypt|ReEncrypt|CreateGrant|DescribeKey)|KMS\.|customer master key|KMS key",
        "certain",
        why("encryption_key"),
        fix("key_policy"),
    ),
)


def of_the_own_side(refusal: Refusal) -> Iterator[Reason]:
    """Return what the sentence says of the caller's own keys, configuration or network; one reason at most."""
    for pattern, weight, meant, remedy in OWN_SIDE:
        if re.search(pattern, refusal.text, re.ASCII | re.IGNORECASE):
            yield Reason(weight, meant, remedy)
            return


def of_the_words(refusal: Refusal) -> Iterator[Reason]:
    """Return what the words of the sentence say by themselves."""
    for pattern, weight, meant, remedy in _SENTENCES:
        if re.search(pattern, refusal.text, re.ASCII | re.IGNORECASE):
            yield Reason(weight, meant, remedy)
