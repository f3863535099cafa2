"""The settings of single sign-on: OpenID Connect, SAML, both or neither."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from access.texts.text import Text
from portal.environment import Environment

LOOPBACK = {"127.0.0.1", "::1", "localhost"}
OIDC, SAML = "oidc", "saml"
PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
UNSPECIFIED = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified"


@dataclass(frozen=True)
class Button:
    """A way in that the sign-in page offers: its name, and the URL's name and argument."""

    name: str
    url_name: str
    argument: str


@dataclass(frozen=True)
class Sso:
    """What the settings and the sign-in need to know; empty when there is no single sign-on."""

    apps: list[str] = field(default_factory=list)
    providers: dict[str, Any] = field(default_factory=dict)
    buttons: list[Button] = field(default_factory=list)
    origins: list[str] = field(default_factory=list)
    email_domains: frozenset[str] = frozenset()
    trusts_email: bool = False
    groups_claim: str = "groups"
    admin_groups: frozenset[str] = frozenset()
    approver_groups: Mapping[str, str] = field(default_factory=dict)


def from_environment(env: Environment, *, demo: bool) -> Sso:
    """Return what is set, and note what is missing or wrong when it is set by halves."""
    issuer, metadata = env.text("DAYPASS_OIDC_ISSUER", default=""), env.text("DAYPASS_SAML_METADATA", default="")
    if not issuer and not metadata:
        return Sso()
    domains = frozenset(domain.lower() for domain in env.words("DAYPASS_SSO_EMAIL_DOMAINS", default=[]))
    if not domains:
        env.note(Text("sso_domains_missing"))
    providers = _oidc(env, issuer, demo=demo) if issuer else {}
    providers |= _saml(env, metadata, demo=demo) if metadata else {}
    return Sso(
        apps=["allauth.socialaccount", *_apps(issuer, metadata)],
        providers=providers,
        buttons=_buttons(env, issuer, metadata),
        origins=env.words("DAYPASS_SSO_ORIGINS", default=_origins(issuer, metadata, demo=demo)),
        email_domains=domains,
        trusts_email=env.flag("DAYPASS_SSO_TRUSTS_EMAIL", default=False),
        groups_claim=env.text("DAYPASS_SSO_GROUPS_CLAIM", default="groups"),
        admin_groups=frozenset(env.words("DAYPASS_SSO_ADMIN_GROUPS", default=[])),
        approver_groups=_mapping(env.words("DAYPASS_SSO_APPROVER_GROUPS", default=[])),
    )


def _apps(issuer: str, metadata: str) -> list[str]:
    apps = {"allauth.socialaccount.providers.openid_connect": issuer, "allauth.socialaccount.providers.saml": metadata}
    return [app for app, given in apps.items() if given]


def _buttons(env: Environment, issuer: str, metadata: str) -> list[Button]:
    buttons = {
        Button(env.text("DAYPASS_OIDC_NAME", default="single sign-on"), "openid_connect_login", OIDC): issuer,
        Button(env.text("DAYPASS_SAML_NAME", default="single sign-on"), "saml_login", SAML): metadata,
    }
    return [button for button, given in buttons.items() if given]


def _oidc(env: Environment, issuer: str, *, demo: bool) -> dict[str, Any]:
    _note_open(env, "DAYPASS_OIDC_ISSUER", issuer, demo=demo)
    app = {
        "provider_id": OIDC,
        "name": env.text("DAYPASS_OIDC_NAME", default="single sign-on"),
        "client_id": _filled(env, "DAYPASS_OIDC_CLIENT_ID", env.required("DAYPASS_OIDC_CLIENT_ID", placeholder="x")),
        "secret": _filled(env, "DAYPASS_OIDC_CLIENT_SECRET", env.secret("DAYPASS_OIDC_CLIENT_SECRET", placeholder="x")),
        "settings": {
            "server_url": issuer.rstrip("/"),
            "oauth_pkce_enabled": True,
            # The ID token must name the issuer in our settings, not the issuer in the provider's discovery document.
            "openid_configuration_overrides": {"issuer": issuer},
            "scope": env.words("DAYPASS_OIDC_SCOPES", default=["openid", "profile", "email"]),
        },
    }
    return {"openid_connect": {"provider_class": "access.signin.oidc.OidcProvider", "APPS": [app]}}


def _saml(env: Environment, metadata: str, *, demo: bool) -> dict[str, Any]:
    uid = env.text("DAYPASS_SAML_UID_ATTRIBUTE", default="")
    entity = _filled(env, "DAYPASS_SAML_ENTITY_ID", env.required("DAYPASS_SAML_ENTITY_ID", placeholder="x"))
    mapping = {
        "email": _filled(
            env, "DAYPASS_SAML_EMAIL_ATTRIBUTE", env.required("DAYPASS_SAML_EMAIL_ATTRIBUTE", placeholder="x")
        ),
        "name": env.text("DAYPASS_SAML_NAME_ATTRIBUTE", default=""),
    }
    app = {
        "provider_id": SAML,
        "name": env.text("DAYPASS_SAML_NAME", default="single sign-on"),
        "client_id": SAML,
        "settings": {
            "idp": {"entity_id": entity, "metadata_url": _metadata_url(env, metadata, demo=demo)},
            "attribute_mapping": mapping | ({"uid": uid} if uid else {}),
            "advanced": {
                "reject_idp_initiated_sso": True,
                "want_assertion_signed": True,
                "want_name_id": not uid,
                "name_id_format": UNSPECIFIED if uid else PERSISTENT,
            },
        },
    }
    return {"saml": {"provider_class": "access.signin.saml.SamlProvider", "APPS": [app]}}


def _metadata_url(env: Environment, metadata: str, *, demo: bool) -> str:
    if "://" not in metadata:
        if not demo and not (Path(metadata).is_file() and os.access(metadata, os.R_OK)):
            env.note(Text("sso_metadata_unreadable", {"file": metadata}))
        return Path(metadata).resolve().as_uri()
    _note_open(env, "DAYPASS_SAML_METADATA", metadata, demo=demo)
    return metadata


def _filled(env: Environment, name: str, value: str) -> str:
    if not value.strip():
        env.note(Text("sso_value_empty", {"setting": name}))
    return value


def _note_open(env: Environment, name: str, url: str, *, demo: bool) -> None:
    if not _is_address(url, demo=demo):
        env.note(Text("sso_address_without_tls", {"setting": name}))


def _is_address(url: str, *, demo: bool) -> bool:
    """Return whether this is an address over https, or over http on this machine for a demo."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return False
    return parts.scheme == "https" or (demo and parts.scheme == "http" and host in LOOPBACK)


def _origins(*urls: str, demo: bool) -> list[str]:
    return ["{0.scheme}://{0.netloc}".format(urlsplit(url)) for url in urls if _is_address(url, demo=demo)]


def _mapping(words: list[str]) -> dict[str, str]:
    """Return our group by the provider's: `theirs=ours`, or one name that is the same on both sides."""
    pairs = (word.partition("=") for word in words)
    return {theirs.strip(): (ours or theirs).strip() for theirs, _, ours in pairs}
