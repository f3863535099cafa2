"""Why a command of `manage.py` did nothing; operators read it in a terminal, with the code behind it."""

from access.texts.template import N_, N_many, Reader, Sentence

_OPERATOR = Reader.OPERATOR

TEMPLATES = {
    "command_account_unknown": Sentence(
        N_("There is no active account with the address {email}. Use the email address of an administrator."), _OPERATOR
    ),
    "command_address_invalid": Sentence(
        N_("{email} is not an email address. Use an address such as ada@example.com."), _OPERATOR
    ),
    "command_person_unknown": Sentence(
        N_("There is no person with the email address {email}. Check the address."), _OPERATOR
    ),
    "command_arguments_missing": Sentence(
        N_(
            "NAME, --by or --reason is missing. Use a NAME from the list, the email address of an "
            "administrator for --by, and your reason for --reason."
        ),
        _OPERATOR,
    ),
    "command_audit_unavailable": Sentence(
        N_("The audit log accepts no entries, so nothing was changed. Try again later."), _OPERATOR
    ),
    "command_chain_broken": Sentence(
        N_("The audit chain is broken. The first error is: {finding} See docs/reference/audit.md."), _OPERATOR
    ),
    "command_checkpoints_missing": Sentence(
        N_(
            "There is no checkpoint to compare the audit chain with. Use --checkpoints to name copies of the "
            "checkpoint files."
        ),
        _OPERATOR,
    ),
    "command_file_unreadable": Sentence(
        N_("{file} cannot be read or written: {why}. Check the path and the file's permissions."), _OPERATOR
    ),
    "command_file_outdated": Sentence(N_("{file} is not up to date. Run: {command}."), _OPERATOR),
    "command_grant_unknown": Sentence(
        N_("There is no grant with the session name {session}. Copy the session name from the grant's page."), _OPERATOR
    ),
    "command_key_current": Sentence(
        N_("This key is already the current key. To create another key, run: manage.py audit_key new FILE."), _OPERATOR
    ),
    "command_key_invalid": Sentence(
        N_(
            "A key is not valid: a key must be 32 bytes in URL-safe Base64. To create a key, run: manage.py "
            "audit_key new FILE."
        ),
        _OPERATOR,
    ),
    "command_key_not_set": Sentence(
        N_("DAYPASS_CHECKPOINT_KEY is not set. Run this command with the worker's environment variables."), _OPERATOR
    ),
    "command_name_unknown": Sentence(
        N_("No entry or file named {name} has been set aside. To list the names, run: manage.py audit_spool."),
        _OPERATOR,
    ),
    "demo_answers_wrong": Sentence(
        N_many(
            "{count} answer is wrong. The output above shows which answer.",
            "{count} answers are wrong. The output above shows which answers.",
        ),
        _OPERATOR,
        count="count",
    ),
    "demo_form_missing": Sentence(N_("{url} has no form with {names}."), _OPERATOR),
    "demo_not_running": Sentence(
        N_("The stack is not running. Start it with `make run` in another terminal."), _OPERATOR
    ),
    "demo_only": Sentence(N_("This command works in the demo only. Start the demo with `make run`."), _OPERATOR),
    "demo_page_failed": Sentence(N_("{url} responded with status {status}."), _OPERATOR),
    "demo_person_unknown": Sentence(N_("{email} does not belong to the demo. Use one of {known}."), _OPERATOR),
    "demo_sign_in_failed": Sentence(N_("{email} cannot sign in."), _OPERATOR),
    "demo_snippet_missing": Sentence(N_("{url} shows no snippet for Python."), _OPERATOR),
    "demo_state_missing": Sentence(
        N_many(
            "{path} did not show {state} within {seconds} second.",
            "{path} did not show {state} within {seconds} seconds.",
        ),
        _OPERATOR,
        count="seconds",
    ),
    "demo_story_stopped": Sentence(N_("The walkthrough stopped: {why} Restart the demo and try again."), _OPERATOR),
    "demo_story_unanswered": Sentence(
        N_("The walkthrough stopped: {why} Check that everything that {file} names is running."), _OPERATOR
    ),
    "command_spool_unreadable": Sentence(
        N_("The spool directory cannot be read or changed: {why}. Check DAYPASS_SPOOL_DIR."), _OPERATOR
    ),
}
