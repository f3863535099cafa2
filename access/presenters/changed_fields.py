"""Changed fields before and after a change: as words, or line by line if the field is a document."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils.dateparse import parse_duration
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from access import wording
from access.models.changes import STAGES
from access.presenters import diff
from access.wording import Words

_WORDS = {
    "allows_console": _("AWS console sign-in through Daypass"),
    "allows_own_identity": _("Contractor's own AWS identity"),
    "allows_portal_issued": _("Portal-issued credentials"),
    "approver_groups": _("Approver groups"),
    "contractors": _("Contractors"),
    "expiry_not_enforceable": _("Unenforceable expiry accepted"),
    "approvers": _("Approvers"),
    "description": _("Description"),
    "longest_window": _("Maximum access duration"),
    "permissions": _("Permissions"),
    "quorum": _("Quorum"),
    "allows_vouched": _("AWS identities that only a sponsor vouches for"),
    "external_id": _("External ID"),
    "factor_minutes": _("Second factor valid for (minutes)"),
    "first_reminder": _("First reminder after"),
    "further_stages": _("Later stages"),
    "is_active": _("Enabled"),
    "expires_after": _("Pending requests expire after"),
    "latest_start": _("Latest start"),
    "issues_per_hour": _("Sessions per hour"),
    "largest_share": _("Maximum share per contractor (%)"),
    "live_sessions": _("Concurrent sessions"),
    "max_session_seconds": _("Maximum session duration (seconds)"),
    "office_closes": _("Office hours end at"),
    "office_days": _("Office days (1 is Monday)"),
    "office_opens": _("Office hours start at"),
    "office_zone": _("Time zone of the office hours"),
    "policy_arns": _("Managed policies"),
    "requires_mfa": _("Require MFA in AWS"),
    "source_networks": _("Allowed networks"),
    "source_rule": _("Source addresses"),
    "allows_overflow": _("Use overflow roles when the role is full"),
    "ticket_example": _("Example ticket number"),
    "ticket_pattern": _("Ticket number pattern"),
}


_LENGTHS = frozenset({"first_reminder", "expires_after", "latest_start", "longest_window"})


@dataclass(frozen=True, slots=True)
class Row:
    """One field of a change: in words, or line by line where it is a document."""

    title: Words
    before: str = ""
    after: str = ""
    document: diff.DocumentDiff | None = None


def build_rows(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Row]:
    """Return a row for each field of `after`; both hold values as the audit log has them."""
    return [_row(name, before.get(name), after[name]) for name in sorted(after)]


def title_of(name: str) -> Words:
    """Return the title of a field; one without a title has its name in the audit log, the same in every language."""
    return _WORDS.get(name, name)


def _row(name: str, before: Any, after: Any) -> Row:
    title = title_of(name)
    if name == "permissions":
        return Row(title, document=diff.compare_documents(before, after))
    return Row(title, in_words(name, before), in_words(name, after))


def in_words(name: str, value: Any) -> str:
    """Return the value of a field as people read it."""
    if name == STAGES:
        return "; ".join(_stage_in_words(stage) for stage in value) or gettext("none")
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, str) and name in _LENGTHS:
        return wording.length(parse_duration(value) or timedelta(0))
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return wording.listed(value) or gettext("none")
    if isinstance(value, dict) and all(isinstance(one, str) for one in value.values()):
        return wording.listed(f"{key} = {one}" for key, one in sorted(value.items())) or gettext("none")
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False)
    return str(value) if value not in ("", None) else gettext("none")


def _stage_in_words(stage: Mapping[str, Any]) -> str:
    groups = [gettext("group {name}").format(name=name) for name in stage["approver_groups"]]
    who = wording.listed([*stage["approvers"], *groups])
    name = stage["name"] or gettext("Another stage")
    return gettext("{stage}: {quorum} of {approvers}").format(stage=name, quorum=stage["quorum"], approvers=who)
