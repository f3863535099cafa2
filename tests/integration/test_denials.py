"""An ended grant is tried from outside: AWS's refusal goes on record, and being admitted is flagged."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from access import aws, denials, tasks
from access.actions import requests
from access.evidence.content import content_of
from access.models import AuditEvent, Grant, Role
from access.presenters import request_views, timeline
from tests.integration.environment import Environment, verbs
from tests.integration.refusing import EVENTS, failing
from tests.integration.ritas import Rita
from tests.localaws.server import Credentials

SECONDS = timedelta(seconds=1)


def ended(rita: Rita) -> Grant:
    """Return Rita's returned grant, after the worker has read AWS back without it."""
    grant = rita.gets_grant()
    requests.return_access(by=rita.env.cast.rita, grant=grant, now=rita.env.clock.forward(seconds=1))
    rita.env.reconcile()
    return Grant.objects.get(pk=grant.pk)


def seen(rita: Rita, grant: Grant, *, after: float = 11) -> Grant:
    denials.observe(grant.pk, now=rita.env.clock() + after * SECONDS)
    return Grant.objects.select_related("request").get(pk=grant.pk)


def open_again(rita: Rita, grant: Grant) -> None:
    """Write a trust policy by hand that admits the issuer."""
    issuer = {"AWS": rita.env.role.account.issuer_arn}
    rita.env.edit_trust({"Effect": "Allow", "Principal": issuer, "Action": "sts:AssumeRole"})


def test_aws_refuses_the_issuer_and_that_is_on_record(rita: Rita) -> None:
    grant = seen(rita, ended(rita))
    assert grant.refused_at == rita.env.clock() + 11 * SECONDS
    event = AuditEvent.objects.get(verb="grant.refused")
    said = event.details["text"]
    assert (event.actor, said["code"], said["facts"]["error"]) == ("issuer", "aws_denied", "AccessDenied")
    assert "sts:AssumeRole" in said["facts"]["message"]


def test_a_refusal_is_recorded_once(rita: Rita) -> None:
    grant = ended(rita)
    assert seen(rita, grant).refused_at == seen(rita, grant, after=99).refused_at
    assert verbs(str(grant.request.public_id)).count("grant.refused") == 1


def test_a_refusal_is_recorded_although_the_audit_log_accepts_nothing(rita: Rita) -> None:
    grant = ended(rita)
    with failing(EVENTS):
        assert seen(rita, grant).refused_at == rita.env.clock() + 11 * SECONDS


def test_the_page_and_the_evidence_show_it(rita: Rita) -> None:
    grant = seen(rita, ended(rita))
    request_view = request_views.build_view(grant.request, now=rita.env.clock())
    told = timeline.build_timeline(request_view, now=rita.env.clock())
    assert any("AWS confirmed that it refuses" in entry.text for entry in told)
    content = content_of(grant, by=rita.env.cast.alice, now=rita.env.clock())
    assert content["ends"][-1]["verb"] == "grant.refused"
    assert content["access"]["refused_at"]


def test_a_live_grant_is_not_tried(rita: Rita) -> None:
    grant = rita.gets_grant()
    assert seen(rita, grant).refused_at is None
    assert rita.assumed(grant) == []


def test_being_admitted_after_the_end_is_flagged_and_the_role_is_reconciled_again(rita: Rita) -> None:
    grant = ended(rita)
    open_again(rita, grant)
    before = Role.objects.get(pk=grant.role_id).state.generation
    assert seen(rita, grant, after=61).refused_at is None
    event = AuditEvent.objects.get(verb="grant.admitted_after_end")
    assert event.details["access_key_id"].startswith("ASIA")
    assert Role.objects.get(pk=grant.role_id).state.generation == before + 1


def test_being_admitted_while_a_change_propagates_is_not_flagged(rita: Rita) -> None:
    grant = ended(rita)
    open_again(rita, grant)
    before = Role.objects.get(pk=grant.role_id).state.generation
    seen(rita, grant)
    assert AuditEvent.objects.get(verb="grant.admitted_after_end").details["spreading"]
    assert Role.objects.get(pk=grant.role_id).state.generation == before


def test_the_session_of_unended_access_is_used_for_nothing(rita: Rita, monkeypatch: pytest.MonkeyPatch) -> None:
    grant = ended(rita)
    open_again(rita, grant)
    got: list[aws.Session] = []
    true_call = aws.assume_role

    def assume_role(**words: Any) -> aws.Session:
        got.append(true_call(**words))
        return got[0]

    monkeypatch.setattr(aws, "assume_role", assume_role)
    rita.aws.root().delete_role_policy(RoleName=rita.env.role.name, PolicyName="daypass-closing")
    seen(rita, grant)
    assert not rita.can_upload(Credentials(got[0].access_key_id, got[0].secret_access_key, got[0].session_token))


@pytest.mark.parametrize("kind", ["throttle", "error"])
def test_an_unreachable_aws_has_refused_nothing(rita: Rita, kind: str) -> None:
    grant = ended(rita)
    rita.aws.fault("AssumeRole", kind, times=5)
    assert seen(rita, grant).refused_at is None
    rita.aws.clear_faults()
    assert seen(rita, grant).refused_at is not None


def test_the_sweep_finds_ended_grants_without_an_observed_refusal(rita: Rita, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(tasks.observe_denial, "apply_async", lambda **words: asked.append(words))
    grant = ended(rita)
    now = rita.env.clock()
    assert denials.due(now=now + 9 * SECONDS) == []
    assert denials.due(now=now + 11 * SECONDS) == [grant.pk]
    Grant.objects.filter(pk=grant.pk).update(removed_at=timezone.now() - 11 * SECONDS)
    tasks.sweep()
    assert [(words["args"], words["queue"]) for words in asked] == [((grant.pk,), "issuer")]
    seen(rita, grant)
    tasks.sweep()
    assert len(asked) == 1


def test_a_day_without_an_issuer_leaves_few_messages(rita: Rita, settings: Any) -> None:
    grant, settings.SWEEP_SECONDS = ended(rita), 30
    gone_at = rita.env.clock()
    Grant.objects.filter(pk=grant.pk).update(removed_at=gone_at)
    sweeps = [gone_at + 30 * number * SECONDS for number in range(2880)]
    asked = [at for at in sweeps if denials.due(now=at) == [grant.pk]]
    assert asked[:3] == [gone_at + seconds * SECONDS for seconds in (30, 60, 90)]
    assert gone_at + 600 * SECONDS in asked
    assert len(asked) == 19 + 143


def test_a_grant_to_richards_own_identity_is_not_tried(env: Environment) -> None:
    grant = env.create_grant()
    env.reconcile()
    env.clock.forward(hours=9)
    env.reconcile()
    assert Grant.objects.get(pk=grant.pk).removed_at
    assert denials.due(now=env.clock() + 11 * SECONDS) == []


def test_the_database_rejects_an_impossible_refusal(rita: Rita) -> None:
    grant = rita.gets_grant()
    with pytest.raises(IntegrityError), transaction.atomic():
        Grant.objects.filter(pk=grant.pk).update(refused_at=rita.env.clock())
