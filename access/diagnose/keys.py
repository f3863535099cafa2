"""Sentences about the caller's own keys, configuration and network. These come first, because no role is involved.

Grounds: the texts of STS, IAM Identity Center, botocore, the other SDKs, Terraform and PowerShell.
"""

from access.diagnose.reason import Weight, fix, why
from access.texts.text import Text

_GRANT_KEYS = fix("paste_again")
_OWN_SSO = why("sso_expired")
_SIGN_IN = fix("sso_login")
NO_KEYS = why("no_keys")
_SET_KEYS = fix("set_keys")

# Words of the message, how certain the match is, the meaning, and what to do. The first match counts.
OWN_SIDE: tuple[tuple[str, Weight, Text, Text], ...] = (
    (
        (
            r"retrieving token from sso|SSO session .{0,80}(?:expired|invalid)|Error loading SSO Token"
            r"|SSOTokenLoadError"
            r"|aws sso login|UnauthorizedSSOToken|SSOProviderInvalidToken|Session token not found or invalid"
            r"|InvalidGrantException"
        ),
        "certain",
        _OWN_SSO,
        _SIGN_IN,
    ),
    (
        r"aws login|login session .{0,60}expired|LoginRefreshRequired",
        "certain",
        why("login_expired"),
        fix("login"),
    ),
    (
        r"Request has expired|RequestExpired",
        "certain",
        why("request_expired"),
        fix("new_link"),
    ),
    (
        r"ExpiredToken.{0,80}AssumeRole",
        "certain",
        why("own_session_expired"),
        fix("sign_in_again"),
    ),
    (
        r"ExpiredToken|token .{0,40}expired|refreshed credentials are still expired|credentials (?:have|are) expired",
        "certain",
        why("session_expired"),
        fix("delete_cache"),
    ),
    (
        r"Partial credentials found|PartialCredentials|Partially? (?:configured|complete) credentials",
        "certain",
        why("keys_incomplete"),
        _GRANT_KEYS,
    ),
    (
        (
            r"Unable to locate credentials|NoCredential|Could not load credentials|No valid credential sources"
            r"|Unable to load (?:AWS )?credentials|Missing credentials in config|no valid providers in chain"
            r"|No credentials specified or obtained|no EC2 IMDS role found|MissingAuthenticationToken"
            r"|Missing Authentication Token|no credentials? (?:were |was )?(?:found|provided|available)"
        ),
        "certain",
        NO_KEYS,
        _SET_KEYS,
    ),
    (
        r"Infinite loop in credential configuration",
        "certain",
        why("profile_names_itself"),
        fix("source_profile"),
    ),
    (
        (
            r"source.profile .{0,80}(?:must have|does not exist|could not be found|references)"
            r"|source_profile or credential_source"
            r"|InvalidConfigError"
        ),
        "certain",
        why("source_profile_without_keys"),
        fix("source_profile_with_keys"),
    ),
    (
        r"config profile \(.{1,100}\) could not be found|ProfileNotFound|failed to get shared config profile",
        "certain",
        why("no_profile"),
        fix("paste_profile"),
    ),
    (
        r"Unable to parse config file|ConfigParseError",
        "certain",
        why("config_unreadable"),
        fix("correct_config"),
    ),
    (
        (
            r"SignatureDoesNotMatch|RequestTimeTooSkewed|Signature (?:not yet current|expired)|IncompleteSignature"
            r"|difference between the request time"
        ),
        "likely",
        why("clock_or_secret"),
        fix("clock_then_secret"),
    ),
    (
        (
            r"InvalidClientTokenId|UnrecognizedClient|InvalidAccessKeyId|InvalidToken\b|token is malformed"
            r"|security token included in the request is invalid|Access Key Id you provided does not exist"
        ),
        "certain",
        why("keys_unknown"),
        fix("check_keys"),
    ),
    (
        r"AuthFailure|not able to validate the provided access credentials",
        "certain",
        why("keys_unchecked"),
        fix("check_keys_and_clock"),
    ),
    (
        r"You must specify a region|NoRegion|Missing region|Invalid endpoint|Provided region_name",
        "certain",
        why("no_region"),
        fix("set_region"),
    ),
    (
        r"RegionDisabled|not activated in this region",
        "certain",
        why("region_disabled"),
        fix("enabled_region"),
    ),
    (
        (
            r"Could not connect to the endpoint|EndpointConnectionError|ENOTFOUND|no such host"
            r"|Name or service not known"
            r"|remote name could not be resolved|Connect(?:ion)? ?timeout|connect timed out|Failed to connect to proxy"
        ),
        "certain",
        why("aws_unreachable"),
        fix("check_network"),
    ),
    (
        r"SSL validation failed|CERTIFICATE_VERIFY_FAILED|certificate verify failed|self.signed certificate",
        "certain",
        why("certificate_untrusted"),
        fix("ca_bundle"),
    ),
)
