"""Problems of the audit log, in words, for administrators and machines."""

from access.ledger.chaining import AuditState


def in_words(state: AuditState) -> list[str]:
    """Return a sentence per problem, none without problems."""
    found = []
    if state.fails_since:
        since = f"{state.fails_since:%Y-%m-%d %H:%M:%S} UTC"
        found.append(f"It has accepted no entries since {since}: access can be revoked, but not approved or used.")
    if state.waiting:
        waits = "1 entry waits" if state.waiting == 1 else f"{state.waiting} entries wait"
        found.append(f"{waits} in the spool to be added.")
    if state.files_waiting:
        found.append("A file in the spool directory waits to be added.")
    if state.set_aside:
        entries = "1 entry or file" if state.set_aside == 1 else f"{state.set_aside} entries or files"
        found.append(
            f"{entries} in the spool could not be verified and will not be added. Decide about them with "
            "`manage.py audit_spool` (docs/reference/audit.md)."
        )
    if state.unanchored_since:
        since = f"{state.unanchored_since:%Y-%m-%d %H:%M:%S} UTC"
        found.append(
            f"No checkpoint of a known key has been signed since {since}: check DAYPASS_CHECKPOINT_KEY and the log of "
            "the worker, and DAYPASS_CHECKPOINT_PUBLIC_KEYS of the web process."
        )
    return found
