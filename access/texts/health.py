"""What /readyz reports, and why no command works on the database; operators and their monitoring read it."""

from access.texts.template import N_, N_many, Reader, Sentence

_COUNTED = {
    "queue_dropped": N_many(
        "Daypass ignored {count} message in Redis that it did not send. Check who can write to Redis.",
        "Daypass ignored {count} messages in Redis that it did not send. Check who can write to Redis.",
    ),
    "roles_stuck": N_many(
        "The worker failed several times to update {count} role. Open the role to see why.",
        "The worker failed several times to update {count} roles. Open each role to see why.",
    ),
    "spool_set_aside": N_many(
        "{count} entry or file in the spool could not be verified and will not be added to the audit log. To decide "
        "what to do with it, run `manage.py audit_spool` (see docs/reference/audit.md).",
        "{count} entries or files in the spool could not be verified and will not be added to the audit log. To decide "
        "what to do with them, run `manage.py audit_spool` (see docs/reference/audit.md).",
    ),
    "spool_waiting": N_many(
        "{count} entry in the spool is waiting to be added to the audit log.",
        "{count} entries in the spool are waiting to be added to the audit log.",
    ),
    "unmanaged_statements_urgent": N_many(
        "{count} unmanaged statement is urgent. Open the role to decide what to do with it.",
        "{count} unmanaged statements are urgent. Open each role to decide what to do with them.",
    ),
}
TEMPLATES = {code: Sentence(message, Reader.OPERATOR, count="count") for code, message in _COUNTED.items()} | {
    code: Sentence(english, Reader.OPERATOR)
    for code, english in {
        "audit_accepts_nothing": N_(
            "The audit log has accepted no entries since {since}. Access can be revoked, but requests "
            "cannot be approved and no session can be started."
        ),
        "audit_chain_broken": N_(
            "The verification of the audit log failed at these events: {events}. Run `manage.py audit_verify`"
            " to find out what was changed."
        ),
        "checkpoint_missing": N_(
            "No checkpoint has been signed with a known key since {since}. Check DAYPASS_CHECKPOINT_KEY and the log of "
            "the worker, and check DAYPASS_CHECKPOINT_PUBLIC_KEYS of the web process."
        ),
        "clocks_not_ready": N_(
            "{difference} Daypass grants no access until the clocks agree. Existing access still ends on time."
        ),
        "database_silent": N_("The database does not respond. Check that the database is running and can be reached."),
        "database_too_old": N_(
            "The database is from before Daypass 0.2.0 and cannot be upgraded. Run `make reset`, or set DATABASE_URL to"
            " an empty database."
        ),
        "endings_missing": N_(
            "No process has searched for expired or revoked access yet. Start manage.py end_revoked --watch."
        ),
        "endings_outdated": N_(
            "No process has searched for expired or revoked access since {since}. Start manage.py end_revoked --watch."
        ),
        "queue_silent": N_(
            "Redis does not respond. Check that Redis is running and can be reached. Until then, changes "
            "wait for the next sweep."
        ),
        "role_waiting": N_(
            "A role has been waiting for the worker since {since}. Check that workers are running, and read their log."
        ),
        "spool_file_waiting": N_("A file in the spool directory has not been added to the audit log yet."),
        "sweep_missing": N_("No sweep has run yet. Check that a worker and the scheduler are running."),
        "sweep_outdated": N_("No sweep has run since {since}. Check that a worker and the scheduler are running."),
    }.items()
}
