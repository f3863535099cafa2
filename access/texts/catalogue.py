"""The English of every code."""

from access.texts import (
    aws,
    break_glass,
    commands,
    conditions,
    connection,
    decisions,
    events,
    findings,
    identities,
    optional_settings,
    people,
    permissions,
    phrases,
    problems,
    requests,
    roles,
    settings,
    signin,
    tickets,
    trusts,
    verifier,
)
from access.texts.template import Phrase, Sentence

TEMPLATES: dict[str, Sentence] = {
    **aws.TEMPLATES,
    **break_glass.TEMPLATES,
    **commands.TEMPLATES,
    **connection.TEMPLATES,
    **decisions.TEMPLATES,
    **events.TEMPLATES,
    **identities.TEMPLATES,
    **optional_settings.TEMPLATES,
    **people.TEMPLATES,
    **problems.TEMPLATES,
    **requests.TEMPLATES,
    **roles.TEMPLATES,
    **settings.TEMPLATES,
    **signin.TEMPLATES,
    **tickets.TEMPLATES,
    **verifier.TEMPLATES,
}

# What no error is: the reference of codes leaves it out.
PHRASES: dict[str, Phrase] = {
    **conditions.TEMPLATES,
    **findings.TEMPLATES,
    **permissions.TEMPLATES,
    **phrases.TEMPLATES,
    **trusts.TEMPLATES,
}
