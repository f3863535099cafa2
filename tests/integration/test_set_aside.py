"""An administrator decides about what was set aside in the spool: it stays out of the audit log, or is tried again."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import DatabaseError, transaction
from django.urls import reverse

from access.ledger import spool_files
from access.ledger.chaining import audit_state, chain_spooled
from access.ledger.walks import broken_links
from access.models import AuditEvent, Grant, SpooledEvent
from tests.factories import HOUR, NOON, Cast
from tests.integration.pages import codes, visitor
from tests.integration.refusing import EVENTS, SPOOL, chained, failing, revoke
from tests.refusals import refusing_command

pytestmark = pytest.mark.django_db

FORMER = "the former key of this installation, long enough"


def run(*words: str) -> str:
    out = io.StringIO()
    call_command("audit_spool", *words, stdout=out)
    return out.getvalue()


def decide(action: str, name: str) -> str:
    return run(action, name, "--by", "ada@example.com", "--reason", "Rotated the key too early.")


def events(verb: str) -> list[AuditEvent]:
    return list(AuditEvent.objects.filter(verb=verb))


def is_reported(cast: Cast) -> bool:
    """Return whether /readyz and the overview report it."""
    said = visitor(cast.ada).get(reverse("readyz")).json()["attention"]
    shown = codes(visitor(cast.ada).get(reverse("home")))
    assert ("spool_set_aside" in said) == ("spool_set_aside" in shown)
    return "spool_set_aside" in said


@pytest.fixture(params=["row", "file"])
def name(
    request: Any, cast: Cast, grant: Grant, settings: Any, spool_dir: Path, django_capture_on_commit_callbacks: Any
) -> str:
    """Return a revocation that was signed with a key that is configured no more, in the table or in a file."""
    kept, settings.SECRET_KEY = settings.SECRET_KEY, FORMER
    broken = (EVENTS,) if request.param == "row" else (EVENTS, SPOOL)
    with failing(*broken), django_capture_on_commit_callbacks(execute=True):
        revoke(cast, grant)
    settings.SECRET_KEY = kept
    chain_spooled(now=NOON)
    assert audit_state(now=NOON).set_aside == 1
    if request.param == "row":
        return str(SpooledEvent.objects.get().key)
    (file,) = spool_dir.glob("aside-*.jsonl")
    return file.name


def test_it_is_listed_with_its_content(name: str) -> None:
    said = run()
    assert name in said
    assert ("grant.revoked" in said) == (not name.endswith(".jsonl"))
    assert "1 set aside" in said


def test_an_acknowledged_event_stays_out_and_is_no_longer_reported(cast: Cast, name: str, spool_dir: Path) -> None:
    assert is_reported(cast)
    decide("acknowledge", name)
    assert not is_reported(cast)
    (event,) = events("audit.spooled_acknowledged")
    assert (event.actor, event.details["name"], event.details["reason"]) == (
        "ada@example.com",
        name,
        "Rotated the key too early.",
    )
    assert len(event.details["unverified"]["sha256"]) == 64
    chain_spooled(now=NOON + HOUR)
    assert chained() == []
    assert SpooledEvent.objects.count() + len(list(spool_dir.glob("acknowledged-*.jsonl"))) == 1, "it is kept"
    assert broken_links() == []
    assert "0 set aside" in run()


def test_an_event_retried_with_the_former_key_is_chained(cast: Cast, name: str, settings: Any) -> None:
    settings.SECRET_KEY_FALLBACKS = [FORMER]
    chain_spooled(now=NOON + HOUR)
    assert chained() == [], "by itself it is not tried again"
    decide("retry", name)
    chain_spooled(now=NOON + 2 * HOUR)
    assert [(event.verb, event.at) for event in chained()] == [("grant.revoked", NOON)]
    assert not is_reported(cast)
    assert [event.actor for event in events("audit.spooled_tried_again")] == ["ada@example.com"]


def test_an_event_retried_without_a_key_is_set_aside_again(cast: Cast, name: str) -> None:
    decide("retry", name)
    chain_spooled(now=NOON + HOUR)
    assert chained() == []
    assert is_reported(cast)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--by", "ada@example.com"), "command_arguments_missing"),
        (("--reason", "So."), "command_arguments_missing"),
        (("--by", "alice@example.com", "--reason", "So."), "administrator_only"),
        (("--by", "richard@example.com", "--reason", "So."), "administrator_only"),
        (("--by", "nobody@example.com", "--reason", "So."), "command_account_unknown"),
        (("--by", "ada@example.com", "--reason", "  "), "command_arguments_missing"),
    ],
)
@pytest.mark.parametrize("action", ["acknowledge", "retry"])
def test_only_an_administrator_can_decide_and_must_give_a_reason(
    cast: Cast, name: str, action: str, words: tuple[str, ...], code: str
) -> None:
    with refusing_command(code):
        run(action, name, *words)
    assert is_reported(cast)
    assert not AuditEvent.objects.filter(verb__startswith="audit.spooled_").exists()


@pytest.mark.parametrize("other", ["", "nonsense", "../audit.jsonl", "00000000-0000-0000-0000-000000000000"])
def test_a_name_that_is_not_listed_is_refused(cast: Cast, name: str, other: str) -> None:
    with refusing_command("command_name_unknown" if other else "command_arguments_missing"):
        decide("acknowledge", other)
    decide("acknowledge", name)
    with refusing_command("command_name_unknown"):
        decide("acknowledge", name)


@pytest.mark.parametrize("action", ["acknowledge", "retry"])
def test_without_an_event_nothing_is_decided(cast: Cast, name: str, action: str) -> None:
    with failing(EVENTS), refusing_command("command_audit_unavailable"):
        decide(action, name)
    assert is_reported(cast)


def test_the_database_rejects_every_other_change_of_an_event_set_aside(cast: Cast, grant: Grant) -> None:
    with failing(EVENTS):
        revoke(cast, grant)
    rows = SpooledEvent.objects.all()
    with pytest.raises(DatabaseError), transaction.atomic():
        rows.update(acknowledged_at=NOON)
    assert rows.update(set_aside_at=NOON) == 1
    for change in ({"chained_at": NOON}, {"set_aside_at": NOON + HOUR}, {"set_aside_at": None, "chained_at": NOON}):
        with pytest.raises(DatabaseError), transaction.atomic():
            rows.update(**change)
    assert rows.update(acknowledged_at=NOON) == 1
    for settled in ({"acknowledged_at": None}, {"set_aside_at": None, "acknowledged_at": None}, {"chained_at": NOON}):
        with pytest.raises(DatabaseError), transaction.atomic():
            rows.update(**settled)


def test_a_line_of_somebody_else_is_acknowledged_with_its_file(cast: Cast, spool_dir: Path) -> None:
    spool_files.append(spool_dir / spool_files.OPEN, [json.dumps({"verb": "grant.revoked", "mac": "x"}), "[" * 9])
    chain_spooled(now=NOON)
    (file,) = spool_dir.glob("aside-*.jsonl")
    assert is_reported(cast)
    decide("acknowledge", file.name)
    assert not is_reported(cast)
    assert events("audit.spooled_acknowledged")[0].details["unverified"]["lines"] == 2
