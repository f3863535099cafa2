"""Trust policies in words: who can assume the role, in which window, and under which conditions."""

from collections.abc import Iterator

from access.texts.template import Phrase


def _forms() -> Iterator[tuple[str, Phrase]]:
    """Yield the sentence about a statement: allowed or denied, with a beginning, an end, both or none, conditions."""
    for effect, verb, link in (
        ("may", "may", "only if"),
        ("may_never", "may never", "when"),
        ("may_ever", "may ever", "when"),
    ):
        for code, window in (("", ""), ("_from", " from {since}"), ("_until", " until {until}")):
            yield f"{effect}{code}", Phrase(f"{{who}} {verb} {{done}}{window}.")
            yield f"{effect}{code}_if", Phrase(f"{{who}} {verb} {{done}}{window}, {link} {{conditions}}.")
        window = " from {since} until {until}"
        yield f"{effect}_from_until", Phrase(f"{{who}} {verb} {{done}}{window}.")
        yield f"{effect}_from_until_if", Phrase(f"{{who}} {verb} {{done}}{window}, {link} {{conditions}}.")


WAYS = {
    "sts:assumerole": "assume the role",
    "sts:assumerolewithsaml": "assume the role with SAML",
    "sts:assumerolewithwebidentity": "assume the role with a web identity",
    "sts:tagsession": "add tags to the session",
    "sts:setsourceidentity": "set the source identity of the session",
    "sts:setcontext": "set the context of the session",
}
_WHOLE = {
    "nobody_may": "Nobody may assume the role.",
    "nobody_else_may": "Nobody else may assume the role.",
    "way_everything": "do EVERYTHING with the role",
    "way_everything_but": "do EVERYTHING with the role except {names}",
    "way_other": "use {action} on the role",
    "who_anybody": "ANYBODY IN THE WORLD",
    "who_anybody_but": "ANYBODY IN THE WORLD except {names}",
    "who_anybody_denied": "nobody",  # may ever
    "who_anybody_but_denied": "nobody but {names}",
    "who_nobody": "nobody",
    "who_any_of": "{names}",
    "who_service": "the AWS service {name}",
    "who_account": "anybody in account {account} whom the account's administrators allow",
    "who_account_denied": "anybody in account {account}",  # a Deny asks no administrator
    "who_account_denied_own": "anybody in our own account {account}",
    "who_account_own": "anybody in our own account {account} whom the account's administrators allow",
    "who_deleted": "the deleted {name} (nobody)",
    "who_other": "{name} ({kind})",
    "who_provider": "anybody whom {name} signs in",
    "who_provider_of": "anybody whom the {kind} provider {name} of account {account} signs in",
    "who_session": "the session {session} of role {role} of account {account}",
    "who_session_own": "the session {session} of role {role} of our own account {account}",
    "who_role": "anybody with the role {name} of account {account}",
    "who_role_own": "anybody with the role {name} of our own account {account}",
    "who_user": "the user {name} of account {account}",
    "who_user_own": "the user {name} of our own account {account}",
    "who_federated": "the federated user {name} of account {account}",
    "who_federated_own": "the federated user {name} of our own account {account}",
}
TEMPLATES: dict[str, Phrase] = {
    **dict(_forms()),
    **{f"way_{action}": Phrase(english) for action, english in WAYS.items()},
    **{code: Phrase(english) for code, english in _WHOLE.items()},
}
