"""Describe problems of the audit log, for administrators and for programs."""

from access.ledger.chaining import AuditState
from access.texts.text import Text


def problems(state: AuditState) -> list[Text]:
    """Return a sentence per problem, none without problems."""
    found = []
    if state.fails_since:
        found.append(Text("audit_accepts_nothing", {"since": state.fails_since}))
    if state.waiting:
        found.append(Text("spool_waiting", {"count": state.waiting}))
    if state.files_waiting:
        found.append(Text("spool_file_waiting"))
    if state.set_aside:
        found.append(Text("spool_set_aside", {"count": state.set_aside}))
    if state.unanchored_since:
        found.append(Text("checkpoint_missing", {"since": state.unanchored_since}))
    return found
