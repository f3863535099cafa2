"""Snippets with a portal-issued session. Only the return values of these functions contain the secrets."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace

from django.utils.translation import gettext

from access.aws import Session
from access.models import Grant
from access.presenters.snippets import Snippet, demo_endpoint, profile_of

MASK = "••••••••"


def values(session: Session, *, region: str) -> list[Snippet]:
    """Return what programs ask for one by one, named as their environment variables."""
    return [Snippet(name, "text", value, masked=_masked(value, session)) for name, value in _variables(session, region)]


def tabs(session: Session, *, grant: Grant) -> list[Snippet]:
    """Return a session in every form in which it can be pasted; STS's values are ASCII without quotes or blanks."""
    region = grant.role.account.region
    names = dict(_variables(session, region))
    shown = [
        Snippet("bash", "bash", "\n".join(f"export {name}='{value}'" for name, value in names.items())),
        Snippet("PowerShell", "powershell", "\n".join(f"$env:{name} = '{value}'" for name, value in names.items())),
        Snippet("cmd", "bat", "\n".join(f'set "{name}={value}"' for name, value in names.items())),
        Snippet("~/.aws/credentials", "ini", _profile(session, name=profile_of(grant), region=region)),
        Snippet("Python", "python", _python(session, region)),
        Snippet("JSON", "json", json.dumps(credential_process(session), indent=2), note=_json_note()),
    ]
    return [replace(one, masked=_masked(one.text, session)) for one in shown]


def credential_process(session: Session) -> dict[str, object]:
    """Return a session in the shape that `credential_process` of the AWS configuration reads. [AWS CLI User Guide]"""
    return {
        "Version": 1,
        "AccessKeyId": session.access_key_id,
        "SecretAccessKey": session.secret_access_key,
        "SessionToken": session.session_token,
        "Expiration": session.expires_at.isoformat(),
    }


def _variables(session: Session, region: str) -> Iterator[tuple[str, str]]:
    yield "AWS_ACCESS_KEY_ID", session.access_key_id
    yield "AWS_SECRET_ACCESS_KEY", session.secret_access_key
    yield "AWS_SESSION_TOKEN", session.session_token
    yield "AWS_DEFAULT_REGION", region
    if endpoint := demo_endpoint():
        yield "AWS_ENDPOINT_URL", endpoint


def _profile(session: Session, *, name: str, region: str) -> str:
    fields = {
        "aws_access_key_id": session.access_key_id,
        "aws_secret_access_key": session.secret_access_key,
        "aws_session_token": session.session_token,
        "region": region,
    }
    fields |= {"endpoint_url": endpoint} if (endpoint := demo_endpoint()) else {}
    return "\n".join([f"[{name}]", *(f"{key} = {value}" for key, value in fields.items())])


def _python(session: Session, region: str) -> str:
    arguments = {
        "aws_access_key_id": session.access_key_id,
        "aws_secret_access_key": session.secret_access_key,
        "aws_session_token": session.session_token,
        "region_name": region,
    }
    lines = "".join(f"    {name}={json.dumps(value)},\n" for name, value in arguments.items())
    endpoint = demo_endpoint()
    imports = "import boto3\n" if not endpoint else "import os\n\nimport boto3\n"
    setting = f'\nos.environ["AWS_ENDPOINT_URL"] = {json.dumps(endpoint)}' if endpoint else ""
    return f"{imports}{setting}\nsession = boto3.Session(\n{lines})"


def _json_note() -> str:
    """Return what is missing in the JSON, which has no field for an endpoint."""
    if not demo_endpoint():
        return ""
    return gettext("JSON credentials cannot name the demo's endpoint. Also set AWS_ENDPOINT_URL.")


def _masked(text: str, session: Session) -> str:
    """Return the text with its secrets hidden, and "" when it has none."""
    hidden = _replaced(text, {session.secret_access_key: MASK, session.session_token: MASK})
    return "" if hidden == text else hidden


def _replaced(text: str, by: Mapping[str, str]) -> str:
    for old, new in by.items():
        text = text.replace(old, new)
    return text
