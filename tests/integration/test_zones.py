"""Times are shown, read and emailed in the time zone of the person, which the browser says once; UTC stays at hand."""

from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from time_machine import TimeMachineFixture

from access import tasks
from access.alerts import notify_of_break_glass
from access.ledger.chain import AuditUnavailable
from access.models import AuditEvent, Contractor, Delegation, User
from access.notifications import waiting
from tests import break_glass, factories
from tests.factories import DAY, HOUR, NOON, Cast
from tests.integration import pages
from tests.integration.pages import text, visitor

ZONE = reverse("time_zone")
BERLIN, KATHMANDU = "Europe/Berlin", "Asia/Kathmandu"


@pytest.fixture(autouse=True)
def at_noon(time_machine: TimeMachineFixture) -> None:
    time_machine.move_to(NOON, tick=False)


def lives_in(person: User, zone: str) -> Client:
    User.objects.filter(pk=person.pk).update(time_zone=zone)
    return visitor(User.objects.get(pk=person.pk))


def zone_of(person: User) -> str:
    return User.objects.get(pk=person.pk).time_zone


class TestGuess:
    def test_the_browser_says_it_once_and_it_is_kept_with_the_person(self, cast: Cast) -> None:
        client = visitor(cast.richard)
        client.cookies["time_zone"] = "Europe%2FBerlin"
        page = client.get("/")
        assert "Times are in Europe/Berlin (CET, UTC+1)." in text(page)
        assert zone_of(cast.richard) == BERLIN
        event = AuditEvent.objects.get(verb="person.changed")
        assert event.details["changes"] == {"time_zone": ["", BERLIN]}
        client.cookies["time_zone"] = KATHMANDU  # a journey is no move
        assert "Times are in Europe/Berlin" in text(client.get("/"))
        assert AuditEvent.objects.filter(verb="person.changed").count() == 1

    @pytest.mark.parametrize("said", ["", "Nowhere/Gone", "../../etc/passwd", "%00", "x" * 4000, "%FF%FE"])
    def test_an_unknown_zone_is_ignored(self, cast: Cast, said: str) -> None:
        client = visitor(cast.richard)
        client.cookies["time_zone"] = said
        assert "Times are in UTC." in text(client.get("/"))
        assert zone_of(cast.richard) == ""

    def test_the_script_asks_only_until_it_is_known(self, cast: Cast) -> None:
        assert b"zone.js" in Client().get(reverse("account_login")).content
        assert b"zone.js" in visitor(cast.richard).get("/").content
        assert b"zone.js" not in lives_in(cast.richard, BERLIN).get("/").content

    def test_a_page_is_shown_although_the_zone_cannot_be_kept(
        self, cast: Cast, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def unavailable(**_: Any) -> None:
            raise AuditUnavailable

        monkeypatch.setattr("access.ledger.people.append", unavailable)
        client = visitor(cast.richard)
        client.cookies["time_zone"] = BERLIN
        assert "Times are in Europe/Berlin" in text(client.get("/"))
        assert zone_of(cast.richard) == ""


class TestChoosing:
    @pytest.mark.parametrize("typed", ["Europe/Berlin", "berlin", " europe/berlin"])
    def test_a_person_chooses_a_zone_and_comes_back(self, cast: Cast, typed: str) -> None:
        client = visitor(cast.richard)
        page = client.get("/roles/")
        assert f'href="{ZONE}?next=/roles/"' in page.content.decode()
        answer = client.post(ZONE, {"time_zone": typed, "next": "/roles/"})
        assert answer["Location"] == "/roles/"
        assert zone_of(cast.richard) == BERLIN
        assert 'value="Europe/Berlin"' in client.get(ZONE).content.decode()

    @pytest.mark.parametrize("typed", ["", "Nowhere", "Etc/GMT+1", "Europe/", "x" * 65])
    def test_an_unknown_zone_is_refused_at_its_field(self, cast: Cast, typed: str) -> None:
        answer = visitor(cast.richard).post(ZONE, {"time_zone": typed})
        assert list(answer.context["form"].errors) == ["time_zone"]
        assert zone_of(cast.richard) == ""

    @pytest.mark.parametrize(
        "target", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:x", ""]
    )
    def test_it_leads_nowhere_else(self, cast: Cast, target: str) -> None:
        client = visitor(cast.richard)
        assert client.post(ZONE, {"time_zone": BERLIN, "next": target})["Location"] == "/"
        assert "evil" not in client.get(ZONE, {"next": target}).content.decode()

    def test_strangers_choose_none(self) -> None:
        assert reverse("account_login") in Client().post(ZONE, {"time_zone": BERLIN})["Location"]


class TestPages:
    def test_every_time_is_in_the_zone_of_the_reader_with_utc_at_hand(self, cast: Cast) -> None:
        grant = factories.create_grant(cast)
        page = lives_in(cast.richard, BERLIN).get(pages.of(grant.request))
        assert "24 Nov 2026, 13:00 \N{EN DASH} 14:00 CET (1 hour)" in text(page)
        assert 'title="24 Nov 2026, 12:00 UTC">24 Nov 2026, 13:00' in page.content.decode()
        of_alice = lives_in(cast.alice, KATHMANDU).get(pages.of(grant.request))
        assert "24 Nov 2026, 17:45 \N{EN DASH} 18:45 UTC+5:45 (1 hour)" in text(of_alice)

    def test_a_window_over_midnight_of_the_reader_names_both_days(self, cast: Cast) -> None:
        request = factories.ask(cast, starts_at=NOON + 10.5 * HOUR, ends_at=NOON + 11.5 * HOUR)
        page = text(lives_in(cast.richard, BERLIN).get(pages.of(request)))
        assert "24 Nov 2026, 23:30 CET \N{EN DASH} 25 Nov 2026, 00:30 CET" in page

    def test_a_window_in_which_the_clocks_change_names_both_offsets(self, cast: Cast, time_machine: Any) -> None:
        start = NOON.replace(month=10, day=25, hour=0)
        time_machine.move_to(start - HOUR, tick=False)
        request = factories.ask(cast, now=start - HOUR, starts_at=start, ends_at=start + 2 * HOUR)
        page = text(lives_in(cast.richard, BERLIN).get(pages.of(request)))
        assert "25 Oct 2026, 02:00 CEST \N{EN DASH} 25 Oct 2026, 03:00 CET" in page

    def test_refusals_name_the_readers_time(self, cast: Cast) -> None:
        Contractor.objects.update(contract_ends_at=NOON + HOUR / 2)
        form = {"role": cast.role.pk, "principal": "", "length": "60", "reason": "Upload."}
        answer = lives_in(cast.richard, BERLIN).post(reverse("request_new"), form)
        assert "after your contract ends (24 Nov 2026, 13:30 CET)." in text(answer)

    def test_one_readers_zone_does_not_reach_the_next(self, cast: Cast) -> None:
        lives_in(cast.alice, KATHMANDU).get("/")
        assert "Times are in UTC." in text(visitor(cast.bob).get("/"))


class TestForms:
    def test_a_contract_ends_at_the_time_of_the_administrator(self, cast: Cast) -> None:
        client, whose = lives_in(cast.ada, BERLIN), Contractor.objects.get(user=cast.richard)
        url = reverse("contractor", args=[whose.public_id])
        form = {"contract_ends_at": "2027-01-31T18:00", "roles": [cast.role.pk], "sponsor": cast.ada.pk}
        assert client.post(url, form).status_code == 302
        whose.refresh_from_db()
        assert whose.contract_ends_at.isoformat() == "2027-01-31T17:00:00+00:00"
        assert 'value="2027-01-31T18:00"' in client.get(url).content.decode()

    def test_a_form_keeps_the_zone_in_which_it_was_shown(self, cast: Cast) -> None:
        client = lives_in(cast.alice, BERLIN)
        page = client.get(reverse("delegation")).content.decode()
        assert 'value="2026-11-24T13:00"' in page
        assert 'name="time_zone" value="Europe/Berlin"' in page
        lives_in(cast.alice, KATHMANDU)  # in another tab, meanwhile
        typed = {"delegate": cast.mallory.pk, "from_at": "2026-11-24T13:00", "until_at": "2026-12-01T13:00"}
        assert client.post(reverse("delegation"), typed | {"time_zone": BERLIN}).status_code == 302
        assert (Delegation.objects.get().from_at, Delegation.objects.get().until_at) == (NOON, NOON + 7 * DAY)

    @pytest.mark.parametrize(("end", "code"), [
        ("2027-03-28T02:30", "time_never_shown"), ("2026-10-25T02:30", "time_shown_twice"),
    ])  # fmt: skip
    def test_hours_that_do_not_exist_or_exist_twice_are_not_guessed(self, cast: Cast, end: str, code: str) -> None:
        client, whose = lives_in(cast.ada, BERLIN), Contractor.objects.get(user=cast.richard)
        url = reverse("contractor", args=[whose.public_id])
        answer = client.post(url, {"contract_ends_at": end, "roles": [cast.role.pk], "sponsor": cast.ada.pk})
        (error,) = answer.context["form"].errors.as_data()["contract_ends_at"]
        assert error.code == code


class TestEmails:
    def test_each_person_reads_their_own_time_and_utc(self, cast: Cast) -> None:
        lives_in(cast.alice, BERLIN)
        lives_in(cast.bob, KATHMANDU)
        factories.ask(cast, starts_at=NOON + HOUR, ends_at=NOON + 2 * HOUR)
        waiting.remind(now=NOON)
        assert waiting.send_waiting(now=NOON) == 2
        bodies = {one.to[0].partition("@")[0]: one.body for one in mail.outbox}
        assert "from 24 Nov 2026, 14:00 CET (24 Nov 2026, 13:00 UTC) until" in bodies["alice"]
        assert "from 24 Nov 2026, 18:45 UTC+5:45 (24 Nov 2026, 13:00 UTC) until" in bodies["bob"]

    def test_a_person_without_a_zone_reads_utc_once(self, cast: Cast) -> None:
        factories.ask(cast, starts_at=NOON + HOUR, ends_at=NOON + 2 * HOUR)
        waiting.remind(now=NOON)
        waiting.send_waiting(now=NOON)
        assert "from 24 Nov 2026, 13:00 UTC until 24 Nov 2026, 14:00 UTC." in mail.outbox[0].body


def test_break_glass_emails_have_the_zone_of_each_recipient(
    cast: Cast, enqueued: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks.notify_of_break_glass, "apply_async", lambda **_: None)
    used = break_glass.new_grant(break_glass.policy(cast, cast.mallory), cast.mallory)
    lives_in(cast.alice, BERLIN)
    lives_in(cast.ada, KATHMANDU)
    notify_of_break_glass(used.pk, now=NOON)
    bodies = {one.to[0].partition("@")[0]: one.body for one in mail.outbox}
    assert "ends on 24 Nov 2026, 14:00 CET (24 Nov 2026, 13:00 UTC)" in bodies["alice"]
    assert "UTC+5:45 (24 Nov 2026, 13:00 UTC)" in bodies["ada"]
