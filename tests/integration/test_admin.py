"""Django's admin: administrators can view rows, and nobody can change any."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import NoReverseMatch, get_resolver, reverse

from access.admin import site
from access.ledger import chain
from access.lifecycle import Problem
from access.models import AuditEvent, Contractor, Grant, User
from access.models.texts import problem_columns
from access.texts import stored
from access.texts.text import Text
from tests import factories
from tests.factories import Cast
from tests.integration import pages
from tests.integration.pages import codes, text, visitor
from tests.integration.test_pages_security import INLINE

INDEX = reverse("admin:index")
MODELS = sorted(model._meta.label_lower for model in site._registry)
LINK = re.compile(r'href="([^"#]+)"')


@pytest.fixture
def grant(cast: Cast) -> Grant:
    return factories.create_grant(cast)


def everything(client: Client) -> Iterator[tuple[str, Any]]:
    """Follow every link below /admin/ once."""
    seen, waiting = {INDEX}, [INDEX]
    while waiting:
        path = waiting.pop()
        answer = client.get(path)
        yield path, answer
        found = {urljoin(path, link.replace("&amp;", "&")) for link in LINK.findall(answer.content.decode())}
        new = {link for link in found if link.startswith(INDEX) and link not in seen and "?" not in link}
        seen |= new
        waiting += sorted(new)


def test_ada_can_view_every_page_within_the_content_security_policy(cast: Cast, grant: Grant) -> None:
    cast.ada.is_superuser = True
    cast.ada.save()
    visited = dict(everything(visitor(cast.ada)))
    assert {answer.status_code for answer in visited.values()} == {200}
    assert reverse("admin:access_grant_change", args=[grant.pk]) in visited
    assert len(visited) > 20
    for path, answer in visited.items():
        page = answer.content.decode()
        found = [what for what, pattern in INLINE.items() if pattern.search(page)]
        assert found == [], path
        assert "'unsafe" not in answer.headers["Content-Security-Policy"]
        assert 'name="_save"' not in page
        assert 'type="password"' not in page


def test_a_stored_code_is_shown_as_its_sentence_with_the_code(cast: Cast, grant: Grant) -> None:
    text_of_problem = Text("aws_no_role", {"role": "importantproject"})
    Grant.objects.filter(pk=grant.pk).update(**problem_columns(Problem.ROLE_MISSING, text_of_problem))
    chain.append(verb="grant.problem", subject="g", by="daypass", now=factories.NOON, text=stored.dump(text_of_problem))
    event = AuditEvent.objects.get(verb="grant.problem")
    shown = f"{text_of_problem.english} (aws_no_role)"
    for name, key in (("grant", grant.pk), ("auditevent", event.pk)):
        page = visitor(cast.ada).get(reverse(f"admin:access_{name}_change", args=[key]))
        assert shown in text(page), name


@pytest.mark.parametrize("name", ["mallory", "richard", "alice"])
def test_nobody_else_can_view_any_page(cast: Cast, grant: Grant, name: str) -> None:
    client = visitor(getattr(cast, name))
    for path in (
        INDEX,
        reverse("admin:access_grant_changelist"),
        reverse("admin:access_grant_change", args=[grant.pk]),
    ):
        answer = client.get(path, follow=True)
        assert answer.status_code == 403
        assert "permission_missing" in codes(answer)


def test_a_stranger_is_sent_to_the_portals_own_sign_in(db: None) -> None:
    for path in (INDEX, reverse("admin:login"), reverse("admin:access_user_changelist")):
        assert Client().get(path, follow=True).request["PATH_INFO"] == reverse("account_login")
        assert Client().post(path, {"username": "ada@example.com", "password": "x"}).status_code == 302


def test_signing_out_happens_in_the_portal(cast: Cast) -> None:
    answer = visitor(cast.ada).post(reverse("admin:logout"))
    assert answer["Location"] == reverse("account_logout")


def test_a_contractor_marked_as_administrator_is_not_one(cast: Cast) -> None:
    User.objects.filter(pk=cast.rita.pk).update(is_staff=True, is_superuser=True)
    assert Contractor.objects.filter(user=cast.rita).exists()
    assert visitor(User.objects.get(pk=cast.rita.pk)).get(INDEX, follow=True).status_code == 403


@pytest.mark.parametrize("model", MODELS)
def test_ada_cannot_add_change_or_delete_anything(cast: Cast, grant: Grant, model: str) -> None:
    User.objects.filter(pk=cast.ada.pk).update(is_superuser=True)
    ada, before = visitor(User.objects.get(pk=cast.ada.pk)), pages.world()
    app, name = model.split(".")
    key = next(iter(kind for kind in site._registry if kind._meta.label_lower == model))._default_manager.first()
    row = [key.pk if key else 1]
    attempts = {
        reverse(f"admin:{app}_{name}_add"): {},
        reverse(f"admin:{app}_{name}_change", args=row): {"is_superuser": "on", "state": "approved", "_save": "Save"},
        reverse(f"admin:{app}_{name}_delete", args=row): {"post": "yes"},
    }
    # A row that is not there leads back to the index with a word about it.
    expected = {403} if key else {302, 403}
    assert {ada.post(path, data).status_code for path, data in attempts.items()} <= expected
    many = {"action": "delete_selected", "_selected_action": row, "post": "yes"}
    ada.post(reverse(f"admin:{app}_{name}_changelist"), many)
    assert pages.world() == before
    assert not LogEntry.objects.exists()


def test_models_of_libraries_are_not_registered() -> None:
    assert {model.split(".")[0] for model in MODELS} == {"access", "auth"}
    assert "auth.user" not in MODELS


@pytest.mark.parametrize("door", ["password_change", "password_change_done", "autocomplete"])
def test_there_is_no_second_sign_in(door: str) -> None:
    with pytest.raises(NoReverseMatch):
        reverse(f"admin:{door}")
    assert "admin" in get_resolver().namespace_dict


def test_nobodys_password_is_shown(cast: Cast) -> None:
    cast.alice.set_password("correct-horse-battery")
    cast.alice.save()
    page = visitor(cast.ada).get(reverse("admin:access_user_change", args=[cast.alice.pk]))
    assert cast.alice.password not in page.content.decode()
    assert "md5$" not in page.content.decode()
