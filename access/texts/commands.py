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
            "NAME, --by or --reason is missing. Use a NAME that manage.py audit_spool lists, the email address of an "
            "administrator for --by, and your reason for --reason."
        ),
        _OPERATOR,
    ),
    "command_audit_unavailable": Sentence(
        N_("The audit log cannot store new entries, so the command changed nothing. Run the command again later."),
        _OPERATOR,
    ),
    "command_chain_broken": Sentence(
        N_("The audit chain is broken: {finding} To find the cause, see docs/reference/audit.md."), _OPERATOR
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
    "command_file_outdated": Sentence(N_("{file} is not up to date. To update the file, run: {command}."), _OPERATOR),
    "command_grant_unknown": Sentence(
        N_("There is no grant with the session name {session}. Copy the session name from the grant's page."), _OPERATOR
    ),
    "command_key_current": Sentence(
        N_("This key is already the current key. To create another key, run: manage.py audit_key new FILE."), _OPERATOR
    ),
    "command_key_invalid": Sentence(
        N_(
            "One of the given keys is not valid: each key must be 32 bytes in URL-safe Base64. To create a key, run: "
            "manage.py audit_key new FILE."
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
            "{count} answer of AWS was not the expected answer. The output above shows which answer was wrong.",
            "{count} answers of AWS were not the expected answers. The output above shows which answers were wrong.",
        ),
        _OPERATOR,
        count="count",
    ),
    "demo_form_missing": Sentence(N_("The page {url} has no form with the fields {names}."), _OPERATOR),
    "demo_not_running": Sentence(
        N_("The demo is not running. Start the demo with `make run` in another terminal."), _OPERATOR
    ),
    "demo_only": Sentence(N_("This command works in the demo only. Start the demo with `make run`."), _OPERATOR),
    "demo_page_failed": Sentence(N_("The page {url} responded with status {status}."), _OPERATOR),
    "demo_person_unknown": Sentence(N_("{email} does not belong to the demo. Use one of {known}."), _OPERATOR),
    "demo_sign_in_failed": Sentence(N_("{email} cannot sign in."), _OPERATOR),
    "demo_snippet_missing": Sentence(N_("The page {url} shows no snippet for Python."), _OPERATOR),
    "demo_state_missing": Sentence(
        N_many(
            "The page {path} did not show the state “{state}” within {seconds} second.",
            "The page {path} did not show the state “{state}” within {seconds} seconds.",
        ),
        _OPERATOR,
        count="seconds",
    ),
    "demo_story_stopped": Sentence(N_("The walkthrough stopped: {why} Restart the demo and try again."), _OPERATOR),
    "demo_story_unanswered": Sentence(
        N_("The walkthrough stopped: {why} Check that all services in {file} are running."), _OPERATOR
    ),
    "command_spool_unreadable": Sentence(
        N_(
            "The spool directory cannot be read or changed: {why}. Check the path in DAYPASS_SPOOL_DIR, and the "
            "permissions of that directory."
        ),
        _OPERATOR,
    ),
}
