"""Which addresses hold a secret is said in one place, and an address of a new kind has to be judged."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.http import HttpResponse
from django.urls import URLPattern, URLResolver, get_resolver, path
from django.urls.converters import IntConverter, UUIDConverter, get_converters

from portal.redaction import redact

# Arguments that are no secret, and neither a number, nor a role or account, nor the public id of an object.
WORDS = {
    ("role_harden", "how"): "one of two words",
    ("overview_list", "name"): "the name of a list",
    ("review", "name"): "the name of a report",
    ("search_list", "kind"): "the name of a kind",
    ("review_export", "name"): "the name of a report",
    ("certifications", "kind_name"): "the name of a kind",
    ("certify", "kind_name"): "the name of a kind",
    ("statement_accept", "sha256"): "the hash of a statement that AWS holds",
    ("logo", "version"): "the hash of an image that everyone can see",
    ("certify", "key"): "a number or a session name, which AWS's logs hold as well",
    ("openid_connect_login", "provider_id"): "oidc",
    ("openid_connect_callback", "provider_id"): "oidc",
    **{(f"saml_{name}", "organization_slug"): "saml" for name in ("login", "acs", "finish_acs", "metadata", "sls")},
}
IN_CATALOGUE = {"account", "role"}  # converters that take AWS's own names
PROBE = "zq9-zq9"


@dataclass(frozen=True)
class Argument:
    """An argument of an address: the address's name, the text of its route up to the argument, name and converter."""

    address: str
    before: str
    name: str
    converter: Any

    @property
    def is_an_id(self) -> bool:
        if isinstance(self.converter, UUIDConverter):
            return self.name == "public_id"
        if isinstance(self.converter, IntConverter):
            return True
        return self.converter is not None and self.converter in [get_converters()[name] for name in IN_CATALOGUE]

    @property
    def is_left_out(self) -> bool:
        line = f"Not Found: /{self.before}{PROBE}/"
        return PROBE not in redact(line)


def arguments(patterns: list[Any], before: str = "", inherited: tuple[Argument, ...] = ()) -> Iterator[Argument]:
    """Yield every argument of every address below."""
    for one in patterns:
        route = str(one.pattern).removeprefix("^")
        start = before + route.partition("<")[0].removesuffix("(?P")
        named = dict.fromkeys(one.pattern.regex.groupindex) | one.pattern.converters
        if isinstance(one, URLResolver):
            own = tuple(Argument("", start, name, converter) for name, converter in named.items())
            yield from arguments(one.url_patterns, before + route, inherited + own)
        elif isinstance(one, URLPattern):
            for each in inherited:
                yield Argument(str(one.name), each.before, each.name, each.converter)
            for name, converter in named.items():
                yield Argument(str(one.name), start, name, converter)


def of_daypass() -> list[Any]:
    """Return all addresses but Django's admin, whose arguments are numbers and the names of models."""
    return [one for one in get_resolver().url_patterns if getattr(one, "namespace", None) != "admin"]


def unjudged(patterns: list[Any]) -> list[tuple[str, str]]:
    """Return the arguments that may be secrets and stay in the log."""
    found = [one for one in arguments(patterns) if not one.is_an_id and not one.is_left_out]
    return [(one.address, one.name) for one in found if (one.address, one.name) not in WORDS]


def test_every_url_argument_is_an_id_a_known_word_or_redacted() -> None:
    assert unjudged(of_daypass()) == []
    assert len(list(arguments(of_daypass()))) > 60


def test_both_existing_secret_links_are_redacted() -> None:
    found = {(one.address, one.name) for one in arguments(of_daypass()) if one.is_left_out}
    reset = "account_reset_password_from_key"
    assert found == {("invitation", "link"), (reset, "uidb36"), (reset, "key")}


@pytest.mark.parametrize(
    ("route", "name"),
    [
        ("devices/<str:code>/", "code"),
        ("share/<uuid:token>/", "token"),
        ("x/<slug:link>/y/", "link"),
        ("z/<path:rest>", "rest"),
    ],
)
def test_a_new_kind_of_link_has_to_be_classified(route: str, name: str) -> None:
    assert unjudged([*of_daypass(), path(route, HttpResponse, name="new")]) == [("new", name)]


def test_every_argument_listed_as_harmless_still_exists() -> None:
    assert {(one.address, one.name) for one in arguments(of_daypass())} >= set(WORDS)
