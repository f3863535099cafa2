"""The errors of calls to AWS, and whether trying again can help."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from botocore.exceptions import BotoCoreError, ClientError

from access.texts.text import CodedError

SILENT = "aws_silent"  # the code of the error that is stored on a role


class AwsError(CodedError):
    """AWS did not do it. Retryable errors may pass by themselves, others need a person."""


class Retryable(AwsError):
    pass


class Unavailable(Retryable):
    """No answer, or a failure on AWS's side: what was asked may have been done or not."""


class Silent(Unavailable):
    """A time-out, or no connection: a call took all the time that it had."""


class Throttled(Retryable):
    pass


class Denied(Retryable):
    """Our identity lacks the permission; somebody will fix that, so it is tried again."""


class NotAuthorized(Denied):
    """AWS knows our identity and denies what it asked for."""


class Terminal(AwsError):
    pass


class RoleMissing(Terminal):
    pass


class AnotherRole(RoleMissing):
    """The name is a role's in another account or under another path: nothing must be written to it."""


class PolicyFull(Terminal):
    pass


class PolicyRefused(Terminal):
    """AWS takes no such policy, or no such value beside it; the code and facts say which."""


class PrincipalMissing(PolicyRefused):
    """IAM knows no such principal. `principals` are the ARNs that IAM named, possibly none."""

    def __init__(self, *, principals: tuple[str, ...], error: str, message: str) -> None:
        super().__init__("aws_principal_missing", error=error, message=message)
        self.principals = principals


_MISSING_PRINCIPAL = re.compile(r'"AWS":"([^"]+)"')
_DENIED = partial(NotAuthorized, "aws_denied")
_UNKNOWN_KEYS = partial(Denied, "aws_credentials_invalid")
_THROTTLED = partial(Throttled, "aws_throttled")
_REFUSED = partial(PolicyRefused, "aws_change_refused")
_FAILED = partial(Unavailable, "aws_failed")
_BY_CODE: dict[str, Callable[..., AwsError]] = {
    "AccessDenied": _DENIED,
    "AccessDeniedException": _DENIED,
    "InvalidClientTokenId": _UNKNOWN_KEYS,
    "SignatureDoesNotMatch": _UNKNOWN_KEYS,
    "ExpiredToken": _UNKNOWN_KEYS,
    "Throttling": _THROTTLED,
    "ThrottlingException": _THROTTLED,
    "RequestLimitExceeded": _THROTTLED,
    "TooManyRequestsException": _THROTTLED,
    "ConcurrentModification": _FAILED,
    "NoSuchEntity": partial(RoleMissing, "aws_not_found"),
    "LimitExceeded": partial(PolicyFull, "aws_quota_reached"),
    "UnmodifiableEntity": _REFUSED,
    "PolicyNotAttachable": _REFUSED,
    "ValidationError": _REFUSED,
    "InvalidInput": _REFUSED,
    "MalformedPolicyDocument": _REFUSED,
}


@contextmanager
def translated() -> Iterator[None]:
    """Turn every error of botocore into one of ours; AWS's message is a fact of it, and has no secret of our calls."""
    try:
        yield
    except ClientError as error:
        raise _translate(error) from error
    except BotoCoreError as error:
        raise Silent("aws_silent", error=type(error).__name__) from error


def _translate(error: ClientError) -> AwsError:
    code, message = error.response["Error"].get("Code", ""), error.response["Error"].get("Message", "")
    if code == "MalformedPolicyDocument" and "Invalid principal" in message:
        return PrincipalMissing(principals=tuple(_MISSING_PRINCIPAL.findall(message)), error=code, message=message)
    return _BY_CODE.get(code, _FAILED)(error=code, message=message)
