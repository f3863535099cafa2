"""Approve with changes: how an approver types reduced terms, and how the page carries them."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from access import zones
from access.forms.conditions import MfaField, SourcesField
from access.forms.lengths import LengthField
from access.forms.times import LocalTimeField, ZonedForm, ZoneField, check_in_range
from access.models import Role, window_content
from access.rules.addresses import read_sources
from access.rules.facts import Refused, RequestFacts, Terms
from access.rules.windows import AnyWindow, Window, WindowOnApproval

LONGEST = timedelta(days=366)
_TO_THE_SECOND = forms.DateTimeInput(attrs={"type": "datetime-local", "step": "1"}, format="%Y-%m-%dT%H:%M:%S")


class ApproveWithChangesForm(ZonedForm):
    """Shorten the window, move it, or add conditions; an empty field changes nothing.

    A window that begins with the approval has a length in place of an end.
    """

    starts_at = LocalTimeField(
        label=_("From"), required=False, help_text=_("Leave empty to keep the requested start."), widget=_TO_THE_SECOND
    )
    length = LengthField(
        label=_("Length"),
        longest=LONGEST,
        required=False,
        help_text=_("Leave empty to keep the requested length."),
    )
    ends_at = LocalTimeField(
        label=_("Until"), required=False, help_text=_("Leave empty to keep the requested end."), widget=_TO_THE_SECOND
    )
    time_zone = ZoneField()
    mfa = MfaField()
    sources = SourcesField()

    def __init__(self, data: Any = None, *, facts: RequestFacts, zone: str, now: datetime) -> None:
        window = facts.window
        initial = {"time_zone": zone, "mfa": facts.asks_mfa, "sources": facts.sources}
        if isinstance(window, Window):
            initial["starts_at"] = _in(zone, window.starts_at) if window.starts_at > now else None
            initial["ends_at"] = _in(zone, window.ends_at)
        else:
            initial["length"] = window.length
        super().__init__(data, initial=initial)
        self.facts = facts
        del self.fields["length" if isinstance(window, Window) else "ends_at"]
        if not isinstance(window, Window):
            self.fields["starts_at"].label = _("Start")
            self.fields["starts_at"].help_text = _("Leave empty to start when approved.")
        if facts.extends:
            for name in ("starts_at", "mfa", "sources"):
                del self.fields[name]
        if not facts.extends and (facts.identity is None or facts.identity.kind != "user"):
            del self.fields["mfa"]
        if not facts.extends and facts.role.source_rule == Role.SourceRule.NEVER:
            del self.fields["sources"]

    def clean(self) -> dict[str, Any]:
        """Refuse a start after which there is no time left."""
        cleaned = super().clean() or {}
        length = cleaned.get("length") or self.facts.window.length
        if isinstance(cleaned.get("starts_at"), datetime) and not self.errors:
            check_in_range(self, "starts_at", cleaned["starts_at"], length)
        return cleaned

    def instant(self, name: str, local: datetime, zone: str) -> datetime:
        """Return the instant of a value that was filled in and not changed, even in an hour that clocks show twice."""
        filled_in = self.initial.get(name)
        if filled_in and (local, zone) == (filled_in.replace(microsecond=0), self.initial["time_zone"]):
            current: datetime = getattr(self.facts.window, name)
            return current
        return super().instant(name, local, zone)

    def terms(self) -> Terms:
        """Return what was typed; the form must be valid."""
        typed, current = self.cleaned_data, self.facts.terms
        return Terms(
            window=self._window(),
            asks_mfa=current.asks_mfa or typed.get("mfa", False),
            sources=typed.get("sources") or current.sources,
        )

    def _window(self) -> AnyWindow:
        typed, current = self.cleaned_data, self.facts.window
        start = typed["starts_at"].replace(microsecond=0) if typed.get("starts_at") else None
        if isinstance(current, Window):
            end = (typed.get("ends_at") or current.ends_at).replace(microsecond=0)
            return Window(start or current.starts_at.replace(microsecond=0), end)
        length = typed.get("length") or current.length
        return Window(start, start + length) if start else replace(current, length=length)


def terms_as_text(terms: Terms) -> str:
    """Return terms as the page carries them from the preview to the approval."""
    conditions = {"asks_mfa": terms.asks_mfa, "sources": terms.sources}
    return json.dumps(window_content(terms.window) | conditions)


def terms_from_text(text: str) -> Terms | None:
    """Return the terms that the page carried, None when it carried none; raises Refused for what no page of ours
    says.
    """
    if not text:
        return None
    try:
        said = json.loads(text)
        sources = read_sources(" ".join(map(str, said["sources"])))
        return Terms(_window_from(said), said["asks_mfa"] is True, sources)
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError, Refused):
        raise Refused("page_outdated_request") from None


def _window_from(said: Mapping[str, Any]) -> AnyWindow:
    if "length" not in said:
        return Window(_instant(said["starts_at"]), _instant(said["ends_at"]))
    length = timedelta(seconds=int(said["length"]))
    if length > LONGEST:
        raise ValueError("no role can be granted for so long")
    return WindowOnApproval(length, _instant(said["latest_start"]), _instant(said["latest_end"]))


def _instant(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError("a time without its zone is no instant")
    return at.astimezone(UTC)


def _in(zone: str, at: datetime) -> datetime:
    return at.astimezone(zones.place(zone)).replace(tzinfo=None)
