"""Nobody comes in uninvited: an email to one address, answered once, within 72 hours."""

import re
import smtplib
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from time_machine import TimeMachineFixture

from access.actions import invitations
from access.actions.invitations import Contract
from access.actions.people import disable_person_or_company
from access.models import AuditEvent, Company, Contractor, Invitation, Role, User
from access.notifications import emails
from access.rules.facts import Refused
from tests import factories
from tests.factories import DAY, HOUR, NOON, SECOND, Cast
from tests.integration import pages
from tests.integration.pages import codes, text, visitor
from tests.refusals import refusing, refusing_command

EMAIL = "ron@contractor.example"
PASSWORD = "correct horse battery staple"
END = NOON + 90 * DAY


@pytest.fixture(autouse=True)
def at_noon(time_machine: TimeMachineFixture) -> None:
    time_machine.move_to(NOON, tick=False)


@pytest.fixture
def sponsor(cast: Cast) -> Cast:
    """Return the cast, with Alice as a sponsor who can invite contractors."""
    User.objects.filter(pk=cast.alice.pk).update(is_sponsor=True)
    cast.alice.refresh_from_db()
    return cast


def wishes(role: Role, **different: Any) -> dict[str, Any]:
    form = {"email": EMAIL, "company": "Contractor B", "contract_ends_at": "2027-01-31T18:00", "roles": [role.pk]}
    return form | different


def invited(cast: Cast) -> Invitation:
    """Return Alice's invitation of Ron."""
    visitor(cast.alice).post(reverse("invite"), wishes(cast.role))
    return Invitation.objects.get()


def link_in_email(number: int = -1) -> str:
    return next(word for word in str(mail.outbox[number].body).split() if word.startswith("http"))


def answer(link: str, **different: str) -> Any:
    return Client().post(link, {"name": "Ron", "password1": PASSWORD, "password2": PASSWORD} | different)


class TestInviting:
    def test_alice_invites_ron_and_ron_gets_an_email(self, sponsor: Cast) -> None:
        page = visitor(sponsor.alice).post(reverse("invite"), wishes(sponsor.role), follow=True)
        assert "Invitation sent to ron@contractor.example" in text(page)
        assert mail.outbox[0].to == [EMAIL]
        assert "Alice invites you to request AWS access on behalf of Contractor B" in str(mail.outbox[0].body)
        assert not User.objects.filter(email=EMAIL).exists()

    def test_ron_accepts_and_can_request_the_role_that_alice_assigned(self, sponsor: Cast) -> None:
        invited(sponsor)
        assert answer(link_in_email())["Location"] == reverse("mfa_index")
        ron = Contractor.objects.get(user__email=EMAIL)
        assert (ron.company.name, ron.sponsor, ron.user.name) == ("Contractor B", sponsor.alice, "Ron")
        assert list(ron.roles.all()) == [sponsor.role]
        assert ron.user.check_password(PASSWORD)
        verbs = [event.verb for event in AuditEvent.objects.all()]
        assert verbs == ["invitation.sent", "invitation.accepted", "session.opened"]

    @pytest.mark.parametrize("who", ["richard", "bob", "mallory"])
    def test_only_sponsors_can_invite(self, cast: Cast, who: str) -> None:
        client, before = visitor(getattr(cast, who)), pages.world()
        assert client.get(reverse("invite")).status_code == 404
        assert client.post(reverse("invite"), wishes(cast.role)).status_code == 404
        assert pages.world() == before
        contract = Contract("Contractor B", END, frozenset())
        with pytest.raises(Refused):
            invitations.invite(by=getattr(cast, who), email=EMAIL, contract=contract, now=NOON)

    def test_only_administrators_can_invite_colleagues(self, sponsor: Cast) -> None:
        form = {"email": "carol@example.com", "administrator": "on"}
        assert visitor(sponsor.alice).post(reverse("invite_colleague"), form).status_code == 404
        visitor(sponsor.ada).post(reverse("invite_colleague"), form)
        answer(link_in_email())
        carol = User.objects.get(email="carol@example.com")
        assert carol.is_staff
        assert not carol.is_superuser
        assert not Contractor.objects.filter(user=carol).exists()

    @pytest.mark.parametrize(
        ("different", "code"),
        [
            ({"email": "ron"}, "invitation_address_invalid"),
            ({"email": "Richard@Example.com"}, "invitation_account_exists"),
            ({"company": "Contractor\x07B"}, "characters_invisible"),
            ({"company": "x" * 151}, "max_length"),
            ({"contract_ends_at": "2026-11-24T11:59"}, "contract_end_in_past"),
            ({"contract_ends_at": "2030-01-01T00:00"}, "contract_too_long"),
            ({"contract_ends_at": "tomorrow"}, "invalid"),
            ({"roles": [999]}, "invalid_choice"),
            ({"roles": []}, "required"),
        ],
    )
    def test_impossible_input_is_reported_and_nothing_is_sent(
        self, sponsor: Cast, different: dict[str, Any], code: str
    ) -> None:
        page = visitor(sponsor.alice).post(reverse("invite"), wishes(sponsor.role, **different))
        assert codes(page) == {code}
        assert not Invitation.objects.exists()
        assert not Company.objects.filter(name__startswith="x").exists()
        assert mail.outbox == []

    def test_one_address_has_one_open_invitation(self, sponsor: Cast) -> None:
        invited(sponsor)
        page = visitor(sponsor.alice).post(reverse("invite"), wishes(sponsor.role, email=EMAIL.upper()))
        assert "invitation_open" in codes(page)
        assert Invitation.objects.count() == 1

    def test_a_company_is_the_same_in_any_spelling(self, sponsor: Cast) -> None:
        visitor(sponsor.alice).post(reverse("invite"), wishes(sponsor.role, company=" contractor  a "))
        assert Invitation.objects.get().company == factories.company()

    def test_without_an_email_server_the_invitation_can_be_sent_again(
        self, sponsor: Cast, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refused(*_: object, **__: object) -> None:
            raise ConnectionRefusedError

        monkeypatch.setattr("access.notifications.emails.send_mail", refused)
        page = visitor(sponsor.alice).post(reverse("invite"), wishes(sponsor.role), follow=True)
        assert "invitation_not_sent" in codes(page)
        monkeypatch.undo()
        path = reverse("invitation_resend", args=[Invitation.objects.get().public_id])
        visitor(sponsor.alice).post(path)
        assert mail.outbox[0].to == [EMAIL]

    def test_inviting_requires_a_recent_confirmation(self, sponsor: Cast) -> None:
        sponsor.alice.set_password(PASSWORD)
        sponsor.alice.save()
        page = visitor(sponsor.alice, confirmed=False).post(reverse("invite"), wishes(sponsor.role))
        assert "reauthenticate" in page["Location"]
        assert not Invitation.objects.exists()


class TestTheLink:
    """It works once, for one address, for so long; everything else gets one and the same page."""

    def ended(self, link: str) -> str:
        """Return what the link shows, opened and answered: both times the same."""
        opened, posted = Client().get(link), answer(link)
        assert opened.status_code == posted.status_code == 410
        assert text(opened) == text(posted)
        return text(opened)

    def test_opening_an_invitation_changes_nothing(self, sponsor: Cast) -> None:
        invited(sponsor)
        for _ in range(3):
            assert Client().get(link_in_email()).status_code == 200
        assert Client().head(link_in_email()).status_code == 200
        assert not User.objects.filter(email=EMAIL).exists()

    def test_the_page_is_the_same_for_every_invalid_link(self, sponsor: Cast, time_machine: TimeMachineFixture) -> None:
        invitation = invited(sponsor)
        used = link_in_email()
        answer(used)
        visitor(sponsor.alice).post(reverse("invite"), wishes(sponsor.role, email="rob@contractor.example"))
        withdrawn = link_in_email()
        rob = Invitation.objects.get(email="rob@contractor.example")
        visitor(sponsor.alice).post(reverse("invitation_withdraw", args=[rob.public_id]))
        unknown = used.replace(invitations.link_of(invitation), "nonsense")
        said = {self.ended(link) for link in (used, withdrawn, unknown, used[:-3] + "x/")}
        assert len(said) == 1
        assert EMAIL not in said.pop()

    def test_it_ends_after_72_hours(self, sponsor: Cast, time_machine: TimeMachineFixture) -> None:
        invited(sponsor)
        time_machine.move_to(NOON + 72 * HOUR - SECOND, tick=False)
        assert Client().get(link_in_email()).status_code == 200
        time_machine.move_to(NOON + 72 * HOUR, tick=False)
        self.ended(link_in_email())
        assert not User.objects.filter(email=EMAIL).exists()

    def test_sending_again_ends_the_earlier_link_and_starts_a_new_period(
        self, sponsor: Cast, time_machine: TimeMachineFixture
    ) -> None:
        invitation = invited(sponsor)
        time_machine.move_to(NOON + 80 * HOUR, tick=False)
        visitor(sponsor.alice).post(reverse("invitation_resend", args=[invitation.public_id]))
        self.ended(link_in_email(0))
        assert Client().get(link_in_email(1)).status_code == 200

    @pytest.mark.parametrize("what", ["sponsor", "company"])
    def test_an_invitation_ends_when_its_sponsor_or_company_is_disabled(self, sponsor: Cast, what: str) -> None:
        invitation = invited(sponsor)
        behind = sponsor.alice if what == "sponsor" else invitation.company
        assert behind is not None
        disable_person_or_company(by=sponsor.ada, what=behind, now=NOON)
        self.ended(link_in_email())

    def test_the_address_cannot_be_changed(self, sponsor: Cast) -> None:
        invited(sponsor)
        answer(link_in_email(), email="mallory@example.com", is_staff="on", company="1")
        made = User.objects.get(email=EMAIL)
        assert not made.is_staff
        assert not User.objects.filter(email="mallory@example.com", is_staff=True).exists()

    @pytest.mark.parametrize(
        ("password", "code"),
        [
            ("short", "password_too_short"),
            ("q1w2e3r4t5y6", "password_too_common"),
            ("ron@contractor.example", "password_too_similar"),
        ],
    )
    def test_a_weak_password_is_refused_and_the_link_still_works(self, sponsor: Cast, password: str, code: str) -> None:
        invited(sponsor)
        page = answer(link_in_email(), password1=password, password2=password)
        assert codes(page) == {code}
        answer(link_in_email())
        assert User.objects.filter(email=EMAIL).exists()

    def test_two_different_passwords_are_refused(self, sponsor: Cast) -> None:
        invited(sponsor)
        assert "passwords_differ" in codes(answer(link_in_email(), password2="another one entirely"))

    def test_the_link_is_nowhere_in_the_database(self, sponsor: Cast) -> None:
        invited(sponsor)
        secret = link_in_email().rstrip("/").rsplit("/", 1)[1]
        assert secret not in str(pages.world())


class TestFirstAdministrator:
    def test_a_new_installation_gets_an_administrator_through_a_link(
        self, db: None, capsys: pytest.CaptureFixture[str]
    ) -> None:
        call_command("bootstrap_admin", "ada@example.com")
        link = capsys.readouterr().out.strip()
        assert link.startswith("http://testserver/invitation/")
        answer(link)
        assert User.objects.get(email="ada@example.com").is_staff
        assert answer(link).status_code == 410

    def test_an_installation_with_an_administrator_gets_no_other(self, cast: Cast) -> None:
        with refusing_command("administrator_exists"):
            call_command("bootstrap_admin", "mallory@example.com")

    def test_a_pending_link_prevents_a_second_one(self, db: None, capsys: pytest.CaptureFixture[str]) -> None:
        for name in ("ada", "eve"):
            call_command("bootstrap_admin", f"{name}@example.com")
        first, second = capsys.readouterr().out.split()
        answer(first)
        assert answer(second).status_code == 410
        assert User.objects.filter(is_staff=True).count() == 1

    def test_an_invalid_address_is_refused(self, db: None) -> None:
        with refusing_command("command_address_invalid"):
            call_command("bootstrap_admin", "ada")


def test_an_invitation_lasts_three_days() -> None:
    assert Invitation(sent_at=NOON).expires_at == NOON + timedelta(hours=72)


def test_long_lists_of_people_have_pages_and_show_the_total(cast: Cast) -> None:
    ada, company = visitor(cast.ada), factories.company()
    names = [f"ron{number:03}@example.com" for number in range(105)]
    people = User.objects.bulk_create(User(email=name, name=name, password="!") for name in names)
    facts: dict[str, Any] = {"company": company, "contract_ends_at": NOON + DAY}
    Contractor.objects.bulk_create(Contractor(user=one, sponsor=cast.alice, **facts) for one in people)
    Invitation.objects.bulk_create(
        Invitation(email=f"to-{name}", invited_by=cast.alice, sent_at=NOON, **facts) for name in names
    )
    first = ada.get(reverse("people"))
    assert "Contractors 107" in text(first)
    assert "Pending invitations 105" in text(first)
    assert text(first).count("Page 1 of 2") == 2
    assert "ron104@example.com" in text(ada.get(reverse("people"), {"page": "2"}))
    assert "to-ron000@example.com" in text(ada.get(reverse("people"), {"invitations": "2"}))


def unsent_on(page: Any) -> list[str]:
    """Return the addresses that the page names as not reached."""
    (said,) = re.findall(r'<span data-code="invitations_not_sent">([^<]*)', page.content.decode())
    return re.findall(r"[a-z]+@[a-z]+\.example", said)


class TestSeveral:
    ADDRESSES = ["ron@contractor.example", "ruth@contractor.example", "rosa@contractor.example"]

    def several(self, cast: Cast, *addresses: str, **different: Any) -> Any:
        return visitor(cast.ada).post(reverse("invite"), wishes(cast.role, email="\n".join(addresses), **different))

    def test_each_address_gets_its_invitation_and_its_email(self, cast: Cast) -> None:
        typed = "Ron@contractor.example, ruth@contractor.example;\r\n rosa@contractor.example\n"
        page = visitor(cast.ada).post(reverse("invite"), wishes(cast.role, email=typed), follow=True)
        assert "3 invitations sent." in text(page)
        assert [one.to for one in mail.outbox] == [[address] for address in self.ADDRESSES]
        assert len({link_in_email(number) for number in range(3)}) == 3
        assert {one.company.name for one in Invitation.objects.all() if one.company} == {"Contractor B"}
        assert all(list(one.roles.all()) == [cast.role] for one in Invitation.objects.all())
        assert [event.verb for event in AuditEvent.objects.all()] == ["invitation.sent"] * 3

    def test_one_wrong_address_stops_all_and_each_has_its_own_error(self, cast: Cast) -> None:
        invitations.invite(by=cast.ada, email="open@x.example", administrator=True, now=NOON)
        ada, addresses = visitor(cast.ada), [EMAIL, "Richard@example.com", "OPEN@x.example", "alice@example.com"]
        before = pages.world()
        page = ada.post(reverse("invite"), wishes(cast.role, email="\n".join(addresses)))
        said = text(page)
        assert codes(page) == {"invitation_account_exists", "invitation_open"}
        for address in ("richard@example.com", "open@x.example", "alice@example.com"):
            assert address in said.partition("Please fix")[2].partition("Sponsor")[0]
        assert page.content.decode().count('data-code="invitation_account_exists"') >= 2
        assert pages.world() == before
        assert mail.outbox == []
        assert f"{EMAIL}\nRichard@example.com" in page.content.decode()

    def test_impossible_addresses_are_named(self, cast: Cast) -> None:
        long = "x" * 245 + "@y.example"
        page = self.several(cast, "ron", EMAIL, "Ron@Contractor.example", "a@b", long, "<script>@x.example")
        assert codes(page) == {"invitation_address_invalid", "invitation_address_twice"}
        said = text(page)
        for wrong in ("ron is not", "a@b is not", f"{'x' * 100} is not", "ron@contractor.example appears twice"):
            assert wrong in said
        assert "<script>@" not in page.content.decode()
        assert not Invitation.objects.exists()

    def test_twenty_can_be_invited_and_not_one_more(self, cast: Cast) -> None:
        addresses = [f"r{number}@contractor.example" for number in range(21)]
        assert codes(self.several(cast, *addresses)) == {"invitation_too_many"}
        contract = Contract("Contractor B", END, frozenset())
        with refusing("invitation_too_many"):
            invitations.invite_contractors(by=cast.ada, emails=addresses, contract=contract, now=NOON)
        assert not Invitation.objects.exists()
        assert self.several(cast, *addresses[:20]).status_code == 302
        assert (Invitation.objects.count(), len(mail.outbox)) == (20, 20)

    def test_other_errors_of_the_form_are_said_once(self, cast: Cast) -> None:
        page = self.several(cast, *self.ADDRESSES, contract_ends_at="2026-11-24T11:59")
        assert codes(page) == {"contract_end_in_past"}
        assert not Invitation.objects.exists()

    def test_unsent_emails_are_named_and_the_invitations_stay(
        self, cast: Cast, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        send = mail.send_mail

        def refuse_ruth(subject: str, body: str, sender: None, to: list[str], **rest: Any) -> int:
            if to[0].startswith("ruth"):
                raise smtplib.SMTPRecipientsRefused({})
            return send(subject, body, sender, to, **rest)

        monkeypatch.setattr(emails, "send_mail", refuse_ruth)
        form = wishes(cast.role, email="\n".join(self.ADDRESSES))
        page = visitor(cast.ada).post(reverse("invite"), form, follow=True)
        assert "2 invitations sent." in text(page)
        assert unsent_on(page) == ["ruth@contractor.example"]
        assert Invitation.objects.count() == 3

    def test_a_silent_mail_server_is_tried_once_for_all(self, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        tries = []

        def open_connection(self: Any) -> None:
            tries.append(self)
            raise TimeoutError

        monkeypatch.setattr(EmailBackend, "open", open_connection)
        form = wishes(cast.role, email="\n".join(self.ADDRESSES))
        page = visitor(cast.ada).post(reverse("invite"), form, follow=True)
        assert unsent_on(page) == self.ADDRESSES
        assert (len(tries), len(mail.outbox), Invitation.objects.count()) == (1, 0, 3)


class TestSponsor:
    def test_an_administrator_chooses_the_sponsor(self, sponsor: Cast) -> None:
        form = wishes(sponsor.role, sponsor=sponsor.alice.pk)
        assert visitor(sponsor.ada).post(reverse("invite"), form).status_code == 302
        invitation = Invitation.objects.get()
        assert (invitation.invited_by, invitation.sponsor) == (sponsor.ada, sponsor.alice)
        assert "Ada invites you" in str(mail.outbox[0].body)
        assert "Your sponsor is Alice." in str(mail.outbox[0].body)
        assert "Your sponsor is Alice." in text(Client().get(link_in_email()))
        assert AuditEvent.objects.get(verb="invitation.sent").details["sponsor"] == sponsor.alice.email
        answer(link_in_email())
        assert Contractor.objects.get(user__email=EMAIL).sponsor == sponsor.alice

    def test_the_sponsor_is_the_person_who_invites_unless_somebody_is_chosen(self, sponsor: Cast) -> None:
        visitor(sponsor.ada).post(reverse("invite"), wishes(sponsor.role))
        visitor(sponsor.ada).post(reverse("invite"), wishes(sponsor.role, email="x@y.example", sponsor=sponsor.ada.pk))
        assert {(one.chosen_sponsor, one.sponsor) for one in Invitation.objects.all()} == {(None, sponsor.ada)}

    def test_nobody_but_an_administrator_chooses_another_sponsor(self, sponsor: Cast) -> None:
        page = visitor(sponsor.alice).get(reverse("invite"))
        assert 'name="sponsor"' not in page.content.decode()
        visitor(sponsor.alice).post(reverse("invite"), wishes(sponsor.role, sponsor=sponsor.ada.pk))
        assert Invitation.objects.get().sponsor == sponsor.alice
        contract = Contract("Contractor B", END, frozenset(), sponsor=sponsor.ada)
        with refusing("administrator_only"):
            invitations.invite(by=sponsor.alice, email="x@y.example", contract=contract, now=NOON)

    @pytest.mark.parametrize("who", ["bob", "richard"])
    def test_only_sponsors_can_be_chosen(self, cast: Cast, who: str) -> None:
        person = getattr(cast, who)
        page = visitor(cast.ada).post(reverse("invite"), wishes(cast.role, sponsor=person.pk))
        assert codes(page) == {"invalid_choice"}
        contract = Contract("Contractor B", END, frozenset(), sponsor=person)
        with pytest.raises(Refused):
            invitations.invite(by=cast.ada, email=EMAIL, contract=contract, now=NOON)
        assert not Invitation.objects.exists()

    def test_the_chosen_sponsor_sees_and_manages_the_invitation(self, sponsor: Cast) -> None:
        visitor(sponsor.ada).post(reverse("invite"), wishes(sponsor.role, sponsor=sponsor.alice.pk))
        assert EMAIL in text(visitor(sponsor.alice).get(reverse("people")))
        resend = reverse("invitation_resend", args=[Invitation.objects.get().public_id])
        assert visitor(sponsor.alice).post(resend).status_code == 302
        vic = factories.user("vic", is_sponsor=True)
        assert EMAIL not in text(visitor(vic).get(reverse("people")))
        assert visitor(vic).post(resend).status_code == 404

    @pytest.mark.parametrize("change", [{"is_sponsor": False}, {"is_active": False}])
    def test_an_invitation_ends_with_the_right_of_its_chosen_sponsor(
        self, sponsor: Cast, change: dict[str, bool]
    ) -> None:
        visitor(sponsor.ada).post(reverse("invite"), wishes(sponsor.role, sponsor=sponsor.alice.pk))
        User.objects.filter(pk=sponsor.alice.pk).update(**change)
        assert answer(link_in_email()).status_code == 410
        assert not Contractor.objects.filter(user__email=EMAIL).exists()

    def test_the_database_refuses_a_chosen_sponsor_of_an_internal_user(self, sponsor: Cast) -> None:
        with pytest.raises(IntegrityError), transaction.atomic():
            Invitation.objects.create(
                email=EMAIL, invited_by=sponsor.ada, chosen_sponsor=sponsor.alice, makes_sponsor=True, sent_at=NOON
            )
