"""The English of every code."""

from access.texts import break_glass, decisions, identities, people, requests, roles, signin, tickets
from access.texts.template import Sentence

TEMPLATES: dict[str, Sentence] = {
    **break_glass.TEMPLATES,
    **decisions.TEMPLATES,
    **identities.TEMPLATES,
    **people.TEMPLATES,
    **requests.TEMPLATES,
    **roles.TEMPLATES,
    **signin.TEMPLATES,
    **tickets.TEMPLATES,
}
