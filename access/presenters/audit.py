"""Problems of the audit log, in words, for administrators and machines."""

from datetime import datetime

from django.utils.translation import gettext, ngettext

from access.ledger.chaining import AuditState


def in_words(state: AuditState) -> list[str]:
    """Return a sentence per problem, none without problems."""
    found = []
    if state.fails_since:
        said = gettext("It has accepted no entries since {moment}: access can be revoked, but not approved or used.")
        found.append(said.format(moment=_moment(state.fails_since)))
    if state.waiting:
        said = ngettext(
            "{count} entry waits in the spool to be added.",
            "{count} entries wait in the spool to be added.",
            state.waiting,
        )
        found.append(said.format(count=state.waiting))
    if state.files_waiting:
        found.append(gettext("A file in the spool directory has not been added yet."))
    if state.set_aside:
        said = ngettext(
            "{count} entry or file in the spool could not be verified and will not be added. Decide about it with "
            "{command} ({page}).",
            "{count} entries or files in the spool could not be verified and will not be added. Decide about them with "
            "{command} ({page}).",
            state.set_aside,
        )
        where = {"command": "`manage.py audit_spool`", "page": "docs/reference/audit.md"}
        found.append(said.format(count=state.set_aside, **where))
    if state.unanchored_since:
        said = gettext(
            "No checkpoint of a known key has been signed since {moment}: check {key} and the log of the worker, and "
            "{public_keys} of the web process."
        )
        names = {"key": "DAYPASS_CHECKPOINT_KEY", "public_keys": "DAYPASS_CHECKPOINT_PUBLIC_KEYS"}
        found.append(said.format(moment=_moment(state.unanchored_since), **names))
    return found


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"
