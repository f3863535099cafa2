"""What can go wrong with AWS, and whether trying again may help."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError


class AwsError(Exception):
    """AWS did not do it; the message is a sentence. Retryable errors may pass by themselves, others need a person."""


class Retryable(AwsError):
    pass


class Unavailable(Retryable):
    """No answer, or a failure on AWS's side: what was asked may have been done or not."""


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
    """The name is a role's in another account or under another path: nothing may be written to it."""


class PolicyFull(Terminal):
    pass


class PolicyRefused(Terminal):
    """AWS takes no such policy, or no such value beside it; the sentence says which."""


class PrincipalMissing(PolicyRefused):
    """IAM knows no such principal. `principals` are the ARNs that IAM named, possibly none."""

    def __init__(self, message: str, principals: tuple[str, ...]) -> None:
        super().__init__(message)
        self.principals = principals


_MISSING_PRINCIPAL = re.compile(r'"AWS":"([^"]+)"')
_BY_CODE: dict[str, Callable[[str], AwsError]] = {
    "AccessDenied": NotAuthorized,
    "AccessDeniedException": NotAuthorized,
    "InvalidClientTokenId": Denied,
    "SignatureDoesNotMatch": Denied,
    "ExpiredToken": Denied,
    "Throttling": Throttled,
    "ThrottlingException": Throttled,
    "RequestLimitExceeded": Throttled,
    "TooManyRequestsException": Throttled,
    "ConcurrentModification": Unavailable,
    "NoSuchEntity": RoleMissing,
    "LimitExceeded": PolicyFull,
    "UnmodifiableEntity": PolicyRefused,
    "PolicyNotAttachable": PolicyRefused,
    "ValidationError": PolicyRefused,
    "InvalidInput": PolicyRefused,
}


@contextmanager
def translated() -> Iterator[None]:
    """Turn every error of botocore into one of ours; the sentence is AWS's, which holds no secret for our calls."""
    try:
        yield
    except ClientError as error:
        raise _translate(error) from error
    except BotoCoreError as error:
        raise Unavailable(f"AWS did not answer: {type(error).__name__}.") from error


def _translate(error: ClientError) -> AwsError:
    code, message = error.response["Error"].get("Code", ""), error.response["Error"].get("Message", "")
    sentence = f"{code}: {message}"
    if code == "MalformedPolicyDocument" and "Invalid principal" in message:
        return PrincipalMissing(sentence, tuple(_MISSING_PRINCIPAL.findall(message)))
    if code == "MalformedPolicyDocument":
        return PolicyRefused(sentence)
    return _BY_CODE.get(code, Unavailable)(sentence)
