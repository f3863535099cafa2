"""Describe problems of the audit log, for administrators and for programs."""

from datetime import datetime

from django.utils.translation import gettext, ngettext

from access import wording
from access.ledger.chaining import AuditState


def in_words(state: AuditState) -> list[str]:
    """Return a sentence per problem, none without problems."""
    found = []
    if state.fails_since:
        said = gettext(
            "The audit log has accepted no entries since {moment}. Access can be revoked, but requests "
            "cannot be approved and no session can be started."
        )
        found.append(said.format(moment=_moment(state.fails_since)))
    if state.waiting:
        said = ngettext(
            "{count} entry in the spool is waiting to be added to the audit log.",
            "{count} entries in the spool are waiting to be added to the audit log.",
            state.waiting,
        )
        found.append(said.format(count=state.waiting))
    if state.files_waiting:
        found.append(gettext("A file in the spool directory has not been added to the audit log yet."))
    if state.set_aside:
        said = ngettext(
            "{count} entry or file in the spool could not be verified and will not be added to the audit "
            "log. To decide what to do with it, run {command} (see {page}).",
            "{count} entries or files in the spool could not be verified and will not be added to the audit "
            "log. To decide what to do with them, run {command} (see {page}).",
            state.set_aside,
        )
        where = {"command": "`manage.py audit_spool`", "page": "docs/reference/audit.md"}
        found.append(said.format(count=state.set_aside, **where))
    if state.unanchored_since:
        said = gettext(
            "No checkpoint has been signed with a known key since {moment}. Check {key} and the log of the "
            "worker, and check {public_keys} of the web process."
        )
        names = {"key": "DAYPASS_CHECKPOINT_KEY", "public_keys": "DAYPASS_CHECKPOINT_PUBLIC_KEYS"}
        found.append(said.format(moment=_moment(state.unanchored_since), **names))
    return found


def _moment(at: datetime) -> str:
    return wording.moment(at, wording.SECOND)
