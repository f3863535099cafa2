"""Sentences of AWS and its programs that say all by themselves what is wrong with a call that reached AWS.

Grounds: the texts of STS, S3, EC2 and the console.
"""

import re
from collections.abc import Iterator

from access.diagnose.keys import OWN_SIDE
from access.diagnose.parsing import Refusal
from access.diagnose.reason import Reason, Weight

_MFA_SERIAL = "Look it up with aws iam list-mfa-devices, or in IAM under Security credentials, and set mfa_serial."

# Words of AWS's sentences, how sure they make us, what they mean here, and what to do.
_SENTENCES: tuple[tuple[str, Weight, str, str], ...] = (
    (
        r"sts:TagSession",
        "certain",
        "Your side passes session tags, which this role does not take.",
        "Leave the tags out, or use an identity without transitive tags.",
    ),
    (
        r"sts:SetSourceIdentity",
        "certain",
        "Your session carries a source identity, which this role does not take.",
        "Use an identity that has none; ask an approver if there is no other.",
    ),
    (
        r"may not be assumed by root",
        "certain",
        "You called with the keys of your account's root user, which can assume no role.",
        "Use the keys of the user or role that was approved.",
    ),
    (
        r"Cannot call Get(?:SessionToken|FederationToken) with session credentials",
        "certain",
        "You asked for a session with the keys of a session, which AWS does not do.",
        "Use your own keys for that call, or go on with the session that you have.",
    ),
    (
        r"AssumeRoleWith(?:WebIdentity|SAML)",
        "certain",
        "This role is not assumed with a web identity, token or SAML assertion.",
        "Use the snippets of the request's page: they call AssumeRole or give you credentials.",
    ),
    (
        r"1 hour session limit",
        "certain",
        "A session that opens another one lasts an hour at most.",
        "Ask for 3600 seconds or less (duration_seconds).",
    ),
    (
        r"exceeds the MaxSessionDuration",
        "certain",
        "The session was asked for longer than the role allows.",
        "Use the duration_seconds of the snippet.",
    ),
    (
        r"durationSeconds.{0,120}greater than or equal to",
        "certain",
        "The session was asked for too short: its duration is at least 900 seconds.",
        "Use the duration_seconds of the snippet.",
    ),
    (
        r"durationSeconds.{0,120}less than or equal to",
        "certain",
        "The session was asked for too long: no duration is over 43200 seconds.",
        "Use the duration_seconds of the snippet.",
    ),
    (
        r"unable to validate MFA code|MFA serial number is valid",
        "certain",
        "The MFA device is not the one of your user: mfa_serial names another.",
        _MFA_SERIAL,
    ),
    (
        r"must provide both MFA serial number",
        "certain",
        "MFA takes both, the serial number of the device and a code.",
        _MFA_SERIAL,
    ),
    (
        r"MultiFactorAuthentication failed|invalid MFA",
        "certain",
        "The MFA code was not right, or used before.",
        "Wait for the next code and try again.",
    ),
    (
        r"Member must satisfy regular expression pattern|Invalid length for parameter|role/.{0,80} is invalid",
        "certain",
        "A value was changed on the way: AWS does not take it as it came.",
        "Copy the snippet again, whole.",
    ),
    (
        r"Could not switch roles",
        "likely",
        "The console's own Switch Role sends another session name.",
        "Use the snippets of the request's page, or its link to the console.",
    ),
    (
        r"Block ?Public ?(?:Acls|Access|Policy)|public access control lists",
        "certain",
        "The bucket blocks public access, and the ACL of the upload would make the object public.",
        "Upload without a public ACL (--acl public-read and the like).",
    ),
    (
        r"AccessControlListNotSupported|does not allow ACLs",
        "certain",
        "The bucket does not take ACLs.",
        "Upload without --acl.",
    ),
    (
        (
            r"AuthorizationHeaderMalformed|region '.{1,30}' is wrong|PermanentRedirect|IllegalLocationConstraint"
            r"|must be addressed using the specified endpoint"
        ),
        "certain",
        "The call went to another region than the bucket's.",
        "Set the region to the one that AWS names (--region, or region in the profile).",
    ),
    (
        r"NoSuchBucket|specified bucket does not exist",
        "certain",
        "There is no bucket of this name.",
        "Check the bucket's name against the request's page; it has no s3:// and no slash in the API.",
    ),
    (
        r"NoSuchKey|specified key does not exist",
        "certain",
        "There is no object of this name in the bucket.",
        "Check the object's whole name, with its folders and letter case.",
    ),
    (
        r"NoSuchEntity|ResourceNotFound|NotFoundException",
        "certain",
        "What you named does not exist in this account and region.",
        "Check its name, the region, and with aws sts get-caller-identity the account.",
    ),
    (
        r"object lock|ObjectLock|WORM protected",
        "certain",
        "The object is locked against changes (S3 Object Lock).",
        "Upload under another name, or ask the bucket's owner.",
    ),
    (
        r"[Ee]ncoded authorization failure message|UnauthorizedOperation",
        "likely",
        "The role does not permit this, or not on this resource; AWS's reason is encoded.",
        "Send an approver the sentence: aws sts decode-authorization-message shows the reason.",
    ),
    (
        r"kms:(?:GenerateDataKey|Decrypt|ReEncrypt|CreateGrant|DescribeKey)|KMS\.|customer master key|KMS key",
        "certain",
        "The role may not use the key that encrypts the bucket's objects.",
        "Its key policy must allow the role kms:GenerateDataKey (upload) or kms:Decrypt (read).",
    ),
)


def of_the_own_side(refusal: Refusal) -> Iterator[Reason]:
    """Return what the sentence says of the caller's own keys, configuration or network; one reason at most."""
    for pattern, weight, why, fix in OWN_SIDE:
        if re.search(pattern, refusal.text, re.ASCII | re.IGNORECASE):
            yield Reason(weight, why, fix)
            return


def of_the_words(refusal: Refusal) -> Iterator[Reason]:
    """Return what the words of the sentence say by themselves."""
    for pattern, weight, why, fix in _SENTENCES:
        if re.search(pattern, refusal.text, re.ASCII | re.IGNORECASE):
            yield Reason(weight, why, fix)
