"""The evidence of one grant: all of it, as it is in the database, and only for responsible people."""

import hashlib
import io
import json
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from access.actions import requests
from access.evidence import packing
from access.models import AuditEvent, Grant, Issuance, Request, User
from portal.branding import Branding, Logo
from tests import factories
from tests.factories import HOUR, NOON, Cast
from tests.integration import pages
from tests.integration.environment import Environment
from tests.integration.pages import text, visitor
from tests.integration.test_ledger import unguarded

HOSTILE = '</dd><script>alert("x")</script><b>'


@pytest.fixture
def grant(cast: Cast) -> Grant:
    return factories.create_grant(cast, reason=HOSTILE)


def opened(packed: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def taken(person: User, request: Request) -> dict[str, str]:
    answer = visitor(person).post(pages.of(request, "request_evidence"))
    assert answer["Content-Type"] == "application/zip"
    assert f"daypass-{request.session_name}.zip" in answer["Content-Disposition"]
    return opened(answer.content)


def content(files: dict[str, str]) -> Any:
    return json.loads(files["evidence.json"])


def test_the_whole_lifetime_of_a_grant_is_in_it(env: Environment) -> None:
    closed = env.trust()
    grant = env.create_grant()
    env.reconcile()
    opened_trust, opened_expiry_policy = env.trust(), env.expiry_policy()
    requests.revoke(by=env.cast.bob, grant=grant, reason="Enough.", now=env.clock.forward(minutes=1))
    env.reconcile()
    found = content(taken(env.cast.alice, grant.request))
    (asked,) = found["requests"]
    assert (asked["asked_by"], asked["reason"]) == ("richard@example.com", "Upload the file.")
    assert [(said["by"], said["verdict"]) for said in asked["decisions"]] == [("alice@example.com", "approve")]
    first, last = found["policies"]
    assert (first["trust_before"], first["trust_after"]) == (closed, opened_trust)
    assert (first["expiry_policy_before"], first["expiry_policy_after"]) == (None, opened_expiry_policy)
    assert (last["trust_before"], last["trust_after"]) == (opened_trust, closed)
    (applied,) = [event for event in found["events"] if event["verb"] == "grant.applied"]
    assert applied["details"]["statement"] == opened_trust["Statement"][0]
    assert [end["verb"] for end in found["ends"]] == ["grant.revoked", "grant.removed"]
    assert found["ends"][0]["details"] == {"reason": "Enough."}
    assert found["ends"][1]["details"]["verdict"]
    assert found["access"]["removed_at"] == env.clock().isoformat()
    assert found["chain"]["holds"]


def test_writes_for_other_grants_are_not_in_it(env: Environment) -> None:
    grant = env.create_grant()
    env.reconcile()
    packed = opened(packing.pack(grant, by=env.cast.alice, now=env.clock()))
    assert content(packed)["access"]["applied_at"] == env.clock().isoformat()
    env.create_grant(by=env.cast.rita, principal_arn="")
    env.reconcile()
    assert len(content(taken(env.cast.alice, grant.request))["policies"]) == 1


def test_every_part_has_the_hash_of_its_event_and_anybody_can_compute_it(cast: Cast, grant: Grant) -> None:
    found = content(taken(cast.ada, grant.request))
    hashes = dict(AuditEvent.objects.values_list("sequence", "hash"))
    (asked,) = found["requests"]
    references = [*asked["record"], *asked["decisions"][0]["record"], *found["access"]["record"]]
    assert [reference["verb"] for reference in references] == [
        "request.submitted",
        "request.approved",
        "decision.approved",
        "grant.created",
    ]
    assert all(hashes[reference["sequence"]] == reference["hash"] for reference in references)
    for event in found["events"]:
        parts = [event[name] for name in ("sequence", "at", "actor", "verb", "subject", "details", "previous_hash")]
        spelled = json.dumps(parts, sort_keys=True, separators=(",", ":"))
        assert hashlib.sha256(spelled.encode()).hexdigest() == event["hash"]


def test_sessions_and_extensions_are_in_it(cast: Cast) -> None:
    grant = factories.create_grant(cast, by=cast.rita, principal_arn="")
    Issuance.objects.create(
        grant=grant,
        by=cast.rita,
        kind=Issuance.Kind.CREDENTIALS,
        started_at=NOON,
        outcome=Issuance.Outcome.ISSUED,
        closed_at=NOON,
        access_key_id="ASIAEXAMPLE",
        expires_at=NOON + HOUR,
    )
    later = requests.extend(by=cast.rita, grant=grant, ends_at=grant.ends_at + HOUR, reason="More.", now=NOON)
    factories.approve(cast, later)
    found = content(opened(packing.pack(Grant.objects.get(pk=grant.pk), by=cast.alice, now=NOON)))
    assert [(asked["extends"], asked["reason"]) for asked in found["requests"]] == [
        (False, "Upload the file."),
        (True, "More."),
    ]
    assert found["sessions"][0]["access_key_id"] == "ASIAEXAMPLE"
    assert found["access"]["ends_at"] == (NOON + 2 * HOUR).isoformat()


def test_a_tampered_chain_is_reported_as_broken(cast: Cast, grant: Grant) -> None:
    assert "The audit chain is intact" in taken(cast.alice, grant.request)["evidence.html"]
    with unguarded():
        AuditEvent.objects.filter(sequence=2).update(actor="mallory@example.com")
    files = taken(cast.alice, grant.request)
    assert content(files)["chain"]["broken_at"] == [2]
    assert "The audit chain is broken at event 2" in files["evidence.html"]


def test_typed_text_is_shown_as_text(cast: Cast, grant: Grant) -> None:
    page = taken(cast.alice, grant.request)["evidence.html"]
    assert "<script" not in page
    assert "&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;" in page
    assert content(taken(cast.alice, grant.request))["requests"][0]["reason"] == HOSTILE


def test_two_exports_in_the_same_second_are_identical(cast: Cast, grant: Grant) -> None:
    packed = []
    for _ in range(2):
        with transaction.atomic():
            packed.append(packing.pack(grant, by=cast.alice, now=NOON))
            transaction.set_rollback(True)
    assert packed[0] == packed[1]


def test_every_export_is_on_record_with_the_hash_of_the_file(cast: Cast, grant: Grant) -> None:
    answer = visitor(cast.alice).post(pages.of(grant.request, "request_evidence"))
    event = AuditEvent.objects.get(verb="evidence.taken")
    assert (event.actor, event.subject) == ("alice@example.com", f"request:{grant.request.public_id}")
    assert event.details == {"sha256": hashlib.sha256(answer.content).hexdigest()}


@pytest.mark.parametrize("name", ["alice", "bob", "ada"])
def test_responsible_people_see_the_button(cast: Cast, grant: Grant, name: str) -> None:
    Grant.objects.update(applied_at=NOON, removed_at=NOON + timedelta(hours=2))
    assert "Download evidence pack" in text(visitor(getattr(cast, name)).get(pages.of(grant.request)))


@pytest.mark.parametrize("name", ["richard", "rita", "mallory"])
def test_others_do_not_see_the_button(cast: Cast, grant: Grant, name: str) -> None:
    client = visitor(getattr(cast, name))
    assert client.post(pages.of(grant.request, "request_evidence")).status_code == 404
    assert "Download evidence pack" not in text(client.get(pages.of(grant.request)))
    assert not AuditEvent.objects.filter(verb="evidence.taken").exists()


def test_there_is_no_evidence_before_there_is_a_grant(cast: Cast) -> None:
    asked = factories.ask(cast)
    assert visitor(cast.alice).post(pages.of(asked, "request_evidence")).status_code == 404


def test_an_export_requires_a_recent_confirmation_and_a_post(cast: Cast, grant: Grant) -> None:
    cast.alice.set_password("correct-horse-battery")
    cast.alice.save()
    page = pages.of(grant.request, "request_evidence")
    assert "reauthenticate" in visitor(cast.alice, confirmed=False).post(page)["Location"]
    assert visitor(cast.alice).get(page)["Location"] == pages.of(grant.request)
    assert not AuditEvent.objects.filter(verb="evidence.taken").exists()


def test_the_pack_names_the_organisation_and_has_its_logo(cast: Cast, grant: Grant, settings: Any) -> None:
    logo = Logo(b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml")
    settings.BRANDING = Branding(organisation="Example & Sons", contact="help@example.com", logo=logo)
    files = opened(packing.pack(grant, by=cast.alice, now=NOON))
    assert content(files)["portal"] == {"name": "Example & Sons Daypass", "contact": "help@example.com"}
    assert "Example &amp; Sons Daypass. Questions: help@example.com" in files["evidence.html"]
    assert 'src="logo.svg"' in files["evidence.html"]
    assert files["logo.svg"].startswith("<svg")
    settings.BRANDING = Branding()
    assert "logo" not in "".join(opened(packing.pack(grant, by=cast.alice, now=NOON)))
