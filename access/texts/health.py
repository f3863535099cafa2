"""Why /readyz is not ready, and why no command works on the database; operators and their monitoring read it."""

from access.texts.template import N_, Reader, Sentence

TEMPLATES = {
    code: Sentence(english, Reader.OPERATOR)
    for code, english in {
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
        "sweep_missing": N_("No sweep has run yet. Check that a worker and the scheduler are running."),
        "sweep_outdated": N_("No sweep has run since {since}. Check that a worker and the scheduler are running."),
    }.items()
}
