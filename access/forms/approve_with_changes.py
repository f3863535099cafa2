"""Approve with changes: how an approver types reduced terms, and how the page carries them."""

import json
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from django import forms
from django.core.serializers.json import DjangoJSONEncoder
from django.utils.translation import gettext_lazy as _

from access.forms.conditions import MfaField, SourcesField
from access.forms.times import LocalTimeField, ZonedForm, ZoneField, place
from access.models import Role
from access.rules.addresses import read_sources
from access.rules.facts import Refused, RequestFacts, Terms

_TO_THE_SECOND = forms.DateTimeInput(attrs={"type": "datetime-local", "step": "1"}, format="%Y-%m-%dT%H:%M:%S")


class ApproveWithChangesForm(ZonedForm):
    """Shorten the window, move it, or add conditions; an empty field changes nothing."""

    starts_at = LocalTimeField(
        label=_("From"), required=False, help_text=_("Leave empty to keep the requested start."), widget=_TO_THE_SECOND
    )
    ends_at = LocalTimeField(
        label=_("Until"), required=False, help_text=_("Leave empty to keep the requested end."), widget=_TO_THE_SECOND
    )
    time_zone = ZoneField(help_text=_("Applies to both times."))
    mfa = MfaField()
    sources = SourcesField()

    def __init__(self, data: Any = None, *, facts: RequestFacts, zone: str, now: datetime) -> None:
        current = facts.terms
        initial = {
            "starts_at": _in(zone, current.starts_at) if current.starts_at > now else None,
            "ends_at": _in(zone, current.ends_at),
            "time_zone": zone,
            "mfa": current.asks_mfa,
            "sources": current.sources,
        }
        super().__init__(data, initial=initial)
        self.facts = facts
        if facts.extends:
            for name in ("starts_at", "mfa", "sources"):
                del self.fields[name]
        if not facts.extends and (facts.identity is None or facts.identity.kind != "user"):
            del self.fields["mfa"]
        if not facts.extends and facts.role.source_rule == Role.SourceRule.NEVER:
            del self.fields["sources"]

    def instant(self, name: str, local: datetime, zone: str) -> datetime:
        """Return the instant of a value that was filled in and not changed, even in an hour that clocks show twice."""
        filled_in = self.initial[name]
        if filled_in and (local, zone) == (filled_in.replace(microsecond=0), self.initial["time_zone"]):
            current: datetime = getattr(self.facts.terms, name)
            return current
        return super().instant(name, local, zone)

    def terms(self) -> Terms:
        """Return what was typed; the form must be valid."""
        typed, current = self.cleaned_data, self.facts.terms
        return Terms(
            starts_at=(typed.get("starts_at") or current.starts_at).replace(microsecond=0),
            ends_at=(typed.get("ends_at") or current.ends_at).replace(microsecond=0),
            asks_mfa=current.asks_mfa or typed.get("mfa", False),
            sources=typed.get("sources") or current.sources,
        )


def terms_as_text(terms: Terms) -> str:
    """Return terms as the page carries them from the preview to the approval."""
    return json.dumps(asdict(terms), cls=DjangoJSONEncoder)


def terms_from_text(text: str) -> Terms | None:
    """Return the terms that the page carried, None when it carried none; raises Refused for what no page of ours
    says.
    """
    if not text:
        return None
    try:
        said = json.loads(text)
        starts_at, ends_at = _instant(said["starts_at"]), _instant(said["ends_at"])
        sources = read_sources(" ".join(map(str, said["sources"])))
        return Terms(starts_at, ends_at, said["asks_mfa"] is True, sources)
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError, Refused):
        raise Refused("page_outdated_request") from None


def _instant(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError("a time without its zone is no instant")
    return at.astimezone(UTC)


def _in(zone: str, at: datetime) -> datetime:
    return at.astimezone(place(zone)).replace(tzinfo=None)
