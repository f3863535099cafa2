"""A portal-issued session as it is pasted, with its secrets hidden until they are asked for."""

import json
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from access.aws import Session
from access.presenters import session_snippets, snippets
from tests.factories import NOON

SECRETS = ("example/secret+key", "example/session+token==")
ENDPOINT = "http://127.0.0.1:4999"
TITLES = ["bash", "PowerShell", "cmd", "~/.aws/credentials", "Python", "JSON"]


@pytest.fixture
def session() -> Session:
    key, (secret, token) = "ASIAEXAMPLEEXAMPLE00", SECRETS
    return Session(key, secret, token, expires_at=NOON + timedelta(hours=1), aws_time=NOON)


@pytest.fixture
def grant(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(session_snippets, "profile_of", lambda _grant: "111111111111-put")
    return SimpleNamespace(role=SimpleNamespace(account=SimpleNamespace(region="eu-west-1")))


def shown(session: Session, grant: Any) -> list[snippets.Snippet]:
    return [*session_snippets.tabs(session, grant=grant), *session_snippets.values(session, region="eu-west-1")]


def test_every_form_is_there_and_every_value_by_itself(session: Session, grant: Any) -> None:
    assert [tab.title for tab in session_snippets.tabs(session, grant=grant)] == TITLES
    values = {one.title: one.text for one in session_snippets.values(session, region="eu-west-1")}
    assert values["AWS_SECRET_ACCESS_KEY"] == SECRETS[0]
    assert values["AWS_SESSION_TOKEN"] == SECRETS[1]
    assert values["AWS_DEFAULT_REGION"] == "eu-west-1"


def test_no_masked_text_holds_a_secret_and_every_text_with_one_is_masked(session: Session, grant: Any) -> None:
    for snippet in shown(session, grant):
        has_secret = any(secret in snippet.text for secret in SECRETS)
        assert bool(snippet.masked) == has_secret, snippet.title
        assert not [secret for secret in SECRETS if secret in snippet.masked]
        assert not [secret for secret in SECRETS if secret in repr(snippet)]


def test_only_the_demo_names_its_endpoint(session: Session, grant: Any, settings: Any) -> None:
    settings.AWS_ENDPOINT_URL = ENDPOINT
    texts = {tab.title: tab for tab in session_snippets.tabs(session, grant=grant)}
    assert [title for title in TITLES if ENDPOINT not in texts[title].text] == ["JSON"]
    assert "AWS_ENDPOINT_URL" in texts["JSON"].note
    settings.DEMO = False
    assert not [one.title for one in shown(session, grant) if ENDPOINT in one.text or "ndpoint" in one.text + one.note]


def test_the_python_text_is_python_with_and_without_the_endpoint(session: Session, grant: Any, settings: Any) -> None:
    for settings.AWS_ENDPOINT_URL in ("", ENDPOINT):
        (text,) = [tab.text for tab in session_snippets.tabs(session, grant=grant) if tab.title == "Python"]
        compile(text, "snippet", "exec")
    assert json.loads(json.dumps(session_snippets.credential_process(session)))["SecretAccessKey"] == SECRETS[0]
