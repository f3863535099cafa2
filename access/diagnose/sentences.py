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
        "Your call passes session tags, which this role does not allow.",
        "Remove the tags, or use an identity without transitive tags.",
    ),
    (
        r"sts:SetSourceIdentity",
        "certain",
        "Your session has a source identity, which this role does not allow.",
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
        "You tried to get a session with the keys of a session, which AWS does not allow.",
        "Use your own keys for that call, or continue with the session that you have.",
    ),
    (
        r"AssumeRoleWith(?:WebIdentity|SAML)",
        "certain",
        "This role is not assumed with a web identity, token or SAML assertion.",
        "Use the snippets on the request's page: they call AssumeRole or contain credentials.",
    ),
    (
        r"1 hour session limit",
        "certain",
        "A session that was opened with another session lasts at most one hour.",
        "Set duration_seconds to 3600 or less.",
    ),
    (
        r"exceeds the MaxSessionDuration",
        "certain",
        "The requested session duration is longer than the role allows.",
        "Use duration_seconds from the snippet.",
    ),
    (
        r"durationSeconds.{0,120}greater than or equal to",
        "certain",
        "The requested session duration is too short: the minimum is 900 seconds.",
        "Use duration_seconds from the snippet.",
    ),
    (
        r"durationSeconds.{0,120}less than or equal to",
        "certain",
        "The requested session duration is too long: the maximum is 43200 seconds.",
        "Use duration_seconds from the snippet.",
    ),
    (
        r"unable to validate MFA code|MFA serial number is valid",
        "certain",
        "The MFA device does not belong to your user: mfa_serial names another device.",
        _MFA_SERIAL,
    ),
    (
        r"must provide both MFA serial number",
        "certain",
        "MFA needs both the serial number of the device and a code.",
        _MFA_SERIAL,
    ),
    (
        r"MultiFactorAuthentication failed|invalid MFA",
        "certain",
        "The MFA code was wrong, or has been used before.",
        "Wait for the next code and try again.",
    ),
    (
        r"Member must satisfy regular expression pattern|Invalid length for parameter|role/.{0,80} is invalid",
        "certain",
        "A value was changed when it was copied: AWS does not accept it.",
        "Copy the whole snippet again.",
    ),
    (
        r"Could not switch roles",
        "likely",
        "The console's own Switch Role sends another session name.",
        "Use the snippets on the request's page, or its link to the console.",
    ),
    (
        r"Block ?Public ?(?:Acls|Access|Policy)|public access control lists",
        "certain",
        "The bucket blocks public access, and the ACL of the upload would make the object public.",
        "Upload without a public ACL (such as --acl public-read).",
    ),
    (
        r"AccessControlListNotSupported|does not allow ACLs",
        "certain",
        "The bucket does not accept ACLs.",
        "Upload without --acl.",
    ),
    (
        (
            r"AuthorizationHeaderMalformed|region '.{1,30}' is wrong|PermanentRedirect|IllegalLocationConstraint"
            r"|must be addressed using the specified endpoint"
        ),
        "certain",
        "The call went to a region other than the bucket's.",
        "Set the region to the one named in AWS's error message (--region, or region in the profile).",
    ),
    (
        r"NoSuchBucket|specified bucket does not exist",
        "certain",
        "There is no bucket with this name.",
        "Compare the bucket's name with the request's page. Do not include s3:// or a slash.",
    ),
    (
        r"NoSuchKey|specified key does not exist",
        "certain",
        "There is no object with this name in the bucket.",
        "Check the object's full name, including folders and letter case.",
    ),
    (
        r"NoSuchEntity|ResourceNotFound|NotFoundException",
        "certain",
        "What you named does not exist in this account and region.",
        "Check its name and the region, and use aws sts get-caller-identity to check the account.",
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
        "Send the error message to an approver: aws sts decode-authorization-message shows the reason.",
    ),
    (
        r"kms:(?:GenerateDataKey|Decrypt|ReEncrypt|CreateGrant|DescribeKey)|KMS\.|customer master key|KMS key",
        "certain",
        "The role has no permission to use the key that encrypts the bucket's objects.",
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
