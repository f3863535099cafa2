"""The only module that uses ministack's private parts. If one is missing, the start fails with a clear message."""

from collections.abc import Callable
from importlib.metadata import version
from types import ModuleType
from typing import Any

from ministack import app as application
from ministack.core import iam_actions, iam_evaluator, responses
from ministack.services import iam, s3, sts, tagging

PROVEN_WITH = "1.5.33"


class Incompatible(SystemExit):
    """The installed ministack lacks something that the layer builds on."""


def part(module: ModuleType, name: str) -> Any:
    """Return a part of ministack, or end the start with a sentence that names it."""
    try:
        return getattr(module, name)
    except AttributeError:
        raise Incompatible(
            f"localaws: ministack {version('ministack')} has no {module.__name__}.{name} "
            f"(the layer was proven with {PROVEN_WITH}; pin that in requirements/localaws.in)"
        ) from None


def replace(module: ModuleType, name: str, put: Any) -> Any:
    """Put something in the place of a part of ministack and return what was there."""
    before = part(module, name)
    setattr(module, name, put)
    return before


APP: Callable[..., Any] = part(application, "app")

USERS = part(iam, "_users")
ROLES = part(iam, "_roles")
POLICIES = part(iam, "_policies")
GROUPS = part(iam, "_groups")
ACCESS_KEYS = part(iam, "_access_keys")
USER_POLICIES = part(iam, "_user_inline_policies")
GROUP_POLICIES = part(iam, "_group_inline_policies")
MFA_DEVICES = part(iam, "_mfa_devices")
IAM_HANDLERS: dict[str, Callable[[dict[str, Any]], Any]] = part(iam, "_IAM_HANDLERS")
SESSIONS: dict[str, dict[str, Any]] = part(sts, "_sessions")

new_session_key: Callable[[], str] = part(iam, "_gen_session_access_key")
new_secret: Callable[[], str] = part(iam, "_gen_secret")
new_session_token: Callable[[], str] = part(iam, "_gen_session_token")
find_policy: Callable[[str], Any] = part(iam, "_lookup_policy")

policy_known: Callable[[str, str], bool] = part(iam, "policy_known")

EvalContext = part(iam_evaluator, "EvalContext")
AuthError = part(iam_evaluator, "AuthError")
authenticate = part(iam_evaluator, "authenticate")
resolve_principal = part(iam_evaluator, "resolve_principal")
evaluate = part(iam_evaluator, "evaluate")
parse_statements = part(iam_evaluator, "parse_policy_document")
conditions_met = part(iam_evaluator, "_conditions_met")
action_matches = part(iam_evaluator, "_action_matches")
managed_document = part(iam_evaluator, "_resolve_managed_policy_document")

s3_action = part(iam_actions, "_s3_action")
get_account_id: Callable[[], str] = part(responses, "get_account_id")

MODULES = {"app": application, "evaluator": iam_evaluator, "actions": iam_actions, "iam": iam, "sts": sts, "s3": s3}
TAGGING = tagging
