"""An approver asks for information, the contractor answers: the request waits and stays as it is, and emails tell no
secrets.
"""

import pytest
from django.core import mail
from time_machine import TimeMachineFixture

from access.actions import comments, requests
from access.models import AuditEvent, Comment, Request
from access.notifications import waiting
from access.rules.comments import MAX_COMMENTS
from tests import factories
from tests.factories import HOUR, NOON, Cast
from tests.integration import pages
from tests.integration.pages import text, visitor
from tests.refusals import refusing

QUESTION, ANSWER = "Why <b>four</b> hours?", "It is a large file: 資料."


@pytest.fixture
def asked(cast: Cast, time_machine: TimeMachineFixture) -> Request:
    time_machine.move_to(NOON, tick=False)
    return factories.ask(cast)


def test_alice_asks_richard_answers_and_everybody_with_permission_can_read_it(cast: Cast, asked: Request) -> None:
    before = asked.content_hash
    url = pages.of(asked, "comments")
    assert visitor(cast.alice).post(url, {"text": QUESTION})["Location"] == url
    assert visitor(cast.richard).post(url, {"text": ANSWER})["Location"] == url
    said = [(comment.author, comment.is_question, comment.text) for comment in Comment.objects.all()]
    assert said == [(cast.alice, True, QUESTION), (cast.richard, False, ANSWER)]
    for person, name in ((cast.richard, "request"), (cast.bob, "approval"), (cast.ada, "request")):
        page = visitor(person).get(pages.of(asked, name))
        assert QUESTION in text(page)
        assert ANSWER in text(page)
        assert "<b>four" not in page.content.decode()
    fresh = Request.objects.get()
    assert (fresh.state, fresh.content_hash) == ("pending", before)
    verbs = AuditEvent.objects.filter(verb__startswith="request.").values_list("verb", flat=True)
    assert list(verbs) == ["request.submitted", "request.information_requested", "request.answered"]
    factories.approve(cast, asked)


def test_the_emails_announce_a_comment_without_its_text(cast: Cast, asked: Request) -> None:
    comments.ask_for_information(by=cast.alice, request=asked, text=QUESTION, now=NOON)
    comments.answer(by=cast.richard, request=asked, text=ANSWER, now=NOON)
    assert waiting.send_waiting(now=NOON) == 2
    emails = {email.to[0]: email for email in mail.outbox}
    assert set(emails) == {"richard@example.com", "alice@example.com"}
    assert f"http://testserver/requests/{asked.public_id}/" in emails["richard@example.com"].body
    assert f"http://testserver/approvals/{asked.public_id}/" in emails["alice@example.com"].body
    for email in emails.values():
        assert not any(word in f"{email.subject} {email.body}" for word in ("four", "file", "資料", "Upload", "arn:"))
    assert "approvers may be waiting for your answer:" in emails["richard@example.com"].body


@pytest.mark.parametrize("name", ["richard", "rita", "ada", "mallory"])
def test_people_who_are_not_approvers_cannot_ask(cast: Cast, asked: Request, name: str) -> None:
    answer = visitor(getattr(cast, name)).post(pages.of(asked, "comments"), {"text": QUESTION})
    assert answer.status_code in {404, 409}
    assert not Comment.objects.exists()


def test_richard_can_answer_only_questions_and_only_while_the_request_is_pending(cast: Cast, asked: Request) -> None:
    with refusing("nothing_asked"):
        comments.answer(by=cast.richard, request=asked, text=ANSWER, now=NOON)
    comments.ask_for_information(by=cast.alice, request=asked, text=QUESTION, now=NOON)
    requests.withdraw(by=cast.richard, request=asked, now=NOON)
    with refusing("request_closed_for_comments"):
        comments.answer(by=cast.richard, request=asked, text=ANSWER, now=NOON)
    with refusing("request_not_pending"):
        comments.ask_for_information(by=cast.bob, request=asked, text=QUESTION, now=NOON)


@pytest.mark.parametrize("said", ["", "  ", "x" * 2001, "a\x00b", "a\x1bb"])
def test_an_unreadable_comment_is_refused_and_kept_in_the_form(cast: Cast, asked: Request, said: str) -> None:
    page = visitor(cast.alice).post(pages.of(asked, "comments"), {"text": said})
    assert page.context["form"].errors
    assert page.context["form"]["text"].value() == said
    assert not Comment.objects.exists()


def test_the_number_of_questions_is_limited(cast: Cast, asked: Request) -> None:
    for number in range(MAX_COMMENTS):
        comments.ask_for_information(by=cast.alice, request=asked, text=f"Question {number}", now=NOON)
    with refusing("too_many_comments"):
        comments.ask_for_information(by=cast.alice, request=asked, text=QUESTION, now=NOON)


def test_a_decided_request_keeps_its_comments(cast: Cast, asked: Request) -> None:
    comments.ask_for_information(by=cast.alice, request=asked, text=QUESTION, now=NOON)
    factories.approve(cast, asked, now=NOON + HOUR / 2)
    page = text(visitor(cast.richard).get(pages.of(asked)))
    assert QUESTION in page
    assert "Answer…" not in page
