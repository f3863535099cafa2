"""Each person decides whether single keys do something."""

from django.test import Client
from django.urls import reverse

from access.models import AuditEvent, User
from tests.factories import Cast
from tests.integration.pages import text, visitor

URL = reverse("shortcuts")


def has_keys(client: Client) -> bool:
    return "keys.js" in client.get(reverse("roles")).content.decode()


def test_a_person_disables_the_keys_and_enables_them_again(cast: Cast) -> None:
    rita, richard = visitor(cast.rita), visitor(cast.richard)
    for form, enabled in (({}, False), ({"enabled": "on"}, True), ({"enabled": "\x00"}, False)):
        answer = rita.post(URL, form, follow=True)
        assert (has_keys(rita), has_keys(richard)) == (enabled, True)
        assert f"Keyboard shortcuts are {'on' if enabled else 'off'}." in text(answer)
        assert User.objects.get(pk=cast.rita.pk).uses_shortcuts is enabled
    events = AuditEvent.objects.filter(verb="person.changed", actor=cast.rita.email).order_by("sequence")
    assert [event.details["changes"] for event in events] == [
        {"uses_shortcuts": change} for change in ([True, False], [False, True], [True, False])
    ]
    rita.post(URL, {})
    assert events.all().count() == 3


def test_nobody_signed_out_has_keys(cast: Cast) -> None:
    assert "keys.js" not in Client().get(reverse("account_login")).content.decode()


def test_the_keys_and_the_setting_are_on_pages_without_scripts(cast: Cast) -> None:
    alice, richard = visitor(cast.alice), visitor(cast.richard)
    assert URL in alice.get("/").content.decode()
    for said in ("Go to the search field", "Go to “Approve request”", "Audit log", "Stops"):
        assert (said in text(alice.get(URL)), said in text(richard.get(URL))) == (said != "Stops", False)
    assert f'action="{URL}"' in alice.get(reverse("time_zone")).content.decode()


def test_no_two_pages_have_the_same_key(cast: Cast) -> None:
    for person in (cast.ada, cast.alice, cast.richard):
        keys = [entry["key"] for entry in visitor(person).get("/").context["nav"]]
        assert len(set(keys)) == len(keys) > 3
