"""Sentences about the caller's own keys, configuration and network: the role is not concerned, so they come first.

Grounds: the texts of STS, IAM Identity Center, botocore, the other SDKs, Terraform and PowerShell.
"""

from access.diagnose.reason import Weight

_GRANT_KEYS = "Paste the profile or the credentials from the request's page again."
_OWN_SSO = "Your own sign-in to IAM Identity Center (SSO) has expired."
_SIGN_IN = "Run aws sso login with the profile of your own account, then try again."
NO_KEYS = "Your program found no keys at all."
_SET_KEYS = "Set your keys as the default profile, or paste the credentials into the same terminal."

# Words of the sentence, how sure they make us, what they mean, and what to do; the first that fits is the one.
OWN_SIDE: tuple[tuple[str, Weight, str, str], ...] = (
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
        "Your own sign-in with aws login has expired.",
        "Run aws login again with the profile of your own account.",
    ),
    (
        r"Request has expired|RequestExpired",
        "certain",
        "The signed link or request has expired: its signature is valid only for a limited time.",
        "Create a new link or send the request again, and check your clock.",
    ),
    (
        r"ExpiredToken.{0,80}AssumeRole",
        "certain",
        "Your own session has expired, before you tried to assume the role.",
        "Sign in to your own account again, then try again.",
    ),
    (
        r"ExpiredToken|token .{0,40}expired|refreshed credentials are still expired|credentials (?:have|are) expired",
        "certain",
        "The session has expired.",
        "Open a new session; if the AWS CLI keeps using the old one, delete ~/.aws/cli/cache.",
    ),
    (
        r"Partial credentials found|PartialCredentials|Partially? (?:configured|complete) credentials",
        "certain",
        "Your keys are incomplete: an access key needs its secret key, and a session's keys need their token too.",
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
        "The profile names itself as its source_profile.",
        "Set source_profile to the profile with your own keys, not to that of the role.",
    ),
    (
        (
            r"source.profile .{0,80}(?:must have|does not exist|could not be found|references)"
            r"|source_profile or credential_source"
            r"|InvalidConfigError"
        ),
        "certain",
        "The source_profile of your profile has no usable keys.",
        "Set source_profile to a profile in ~/.aws that has your own keys or sign-in.",
    ),
    (
        r"config profile \(.{1,100}\) could not be found|ProfileNotFound|failed to get shared config profile",
        "certain",
        "The profile is not in your AWS configuration.",
        "Paste the profile from the request's page into ~/.aws/config, and check AWS_PROFILE.",
    ),
    (
        r"Unable to parse config file|ConfigParseError",
        "certain",
        "Your AWS configuration file cannot be read.",
        "Correct ~/.aws/config: each profile begins with [profile NAME], each line is name = value.",
    ),
    (
        (
            r"SignatureDoesNotMatch|RequestTimeTooSkewed|Signature (?:not yet current|expired)|IncompleteSignature"
            r"|difference between the request time"
        ),
        "likely",
        "Your clock or your secret key is wrong.",
        "Synchronise your clock with NTP and try again. If it still fails, check the secret key.",
    ),
    (
        (
            r"InvalidClientTokenId|UnrecognizedClient|InvalidAccessKeyId|InvalidToken\b|token is malformed"
            r"|security token included in the request is invalid|Access Key Id you provided does not exist"
        ),
        "certain",
        "AWS does not know these keys, or the session token does not belong to them.",
        "Check your own access key; a session's keys need its session token too (AWS_SESSION_TOKEN).",
    ),
    (
        r"AuthFailure|not able to validate the provided access credentials",
        "certain",
        "AWS could not check these keys: they are wrong or incomplete, or your clock is wrong.",
        "Check the keys and the session token, and synchronise your clock with NTP.",
    ),
    (
        r"You must specify a region|NoRegion|Missing region|Invalid endpoint|Provided region_name",
        "certain",
        "No region is set, or the region does not exist.",
        "Set region in the profile, or AWS_REGION, to the role's region, for example eu-west-1.",
    ),
    (
        r"RegionDisabled|not activated in this region",
        "certain",
        "The region is not enabled in the account.",
        "Use a region that the account has enabled, for example eu-west-1.",
    ),
    (
        (
            r"Could not connect to the endpoint|EndpointConnectionError|ENOTFOUND|no such host"
            r"|Name or service not known"
            r"|remote name could not be resolved|Connect(?:ion)? ?timeout|connect timed out|Failed to connect to proxy"
        ),
        "certain",
        "Your program cannot reach AWS: the region may be misspelled, or the network may block the call.",
        "Check region and AWS_ENDPOINT_URL, then the network, proxy or VPN.",
    ),
    (
        r"SSL validation failed|CERTIFICATE_VERIFY_FAILED|certificate verify failed|self.signed certificate",
        "certain",
        "Your program does not trust the certificate it received; a proxy in your network may have replaced it.",
        "Ask the administrator of your network for its CA certificate, and set AWS_CA_BUNDLE to that file.",
    ),
)
