"""The English of every code."""

from access.texts import (
    arns,
    aws,
    break_glass,
    chain,
    commands,
    conditions,
    connection,
    decisions,
    events,
    findings,
    health,
    identities,
    optional_settings,
    people,
    permissions,
    phrases,
    policies,
    problems,
    proofs,
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
    **arns.TEMPLATES,
    **aws.TEMPLATES,
    **break_glass.TEMPLATES,
    **chain.TEMPLATES,
    **commands.TEMPLATES,
    **connection.TEMPLATES,
    **decisions.TEMPLATES,
    **events.TEMPLATES,
    **health.TEMPLATES,
    **identities.TEMPLATES,
    **optional_settings.TEMPLATES,
    **people.TEMPLATES,
    **policies.TEMPLATES,
    **problems.TEMPLATES,
    **proofs.TEMPLATES,
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
