"""What the pages of errors say: no such page, not allowed, too often, not ready."""

from access.texts.template import N_, Reader, Sentence

TEMPLATES = {
    code: Sentence(english, Reader.ANYONE)
    for code, english in {
        "account_inactive": N_(
            "This account is disabled, so you cannot sign in with it. If you still need the account, ask your "
            "sponsor or an administrator to enable it."
        ),
        "audit_log_refuses": N_(
            "The audit log does not accept entries, and Daypass makes no change that it cannot record. Try "
            "again later and inform an administrator. Revoking access still works."
        ),
        "draft_too_large": N_(
            "The draft is larger than 20 kB, so Daypass did not save it. Your earlier draft, if there is one, is "
            "unchanged. Go back to the form and shorten the text."
        ),
        "draft_too_often": N_(
            "You saved too many drafts in one minute, so Daypass did not save this draft. Go back to the form, wait "
            "a minute and save the draft again."
        ),
        "event_spooled": N_(
            "Your change was made, but the audit log does not accept entries at the moment. Daypass stored the audit "
            "entry in the spool and will add the entry to the audit log later. Inform an administrator."
        ),
        "form_address_only": N_(
            "You can open this page only with a button on another page. Nothing was changed. Go back and use "
            "that button."
        ),
        "form_discarded": N_(
            "Your session has ended, so Daypass discarded the form that you submitted. Nothing was changed. "
            "Sign in. If Daypass saved a draft of the form, you can then restore it."
        ),
        "page_expired": N_(
            "This page has expired, and nothing was changed. Go back, reload the page and try again. If that does "
            "not help, allow cookies for this site."
        ),
        "page_not_found": N_(
            "This page does not exist, or you do not have access to it. Check the address of the page."
        ),
        "page_without_form": N_(
            "You cannot submit a form to this page. Nothing was changed. Go back to the previous page and use"
            " its button."
        ),
        "permission_missing": N_(
            "You do not have permission for this action, and nothing was changed. If you need this permission, "
            "ask an administrator."
        ),
        "portal_failed": N_(
            "Daypass could not complete this action and logged the error. AWS still ends existing access on "
            "time. Try again in a minute."
        ),
        "portal_not_ready": N_(
            "Daypass is starting up or under maintenance. AWS still ends existing access on time. Try again in a "
            "minute."
        ),
        "request_unreadable": N_(
            "Part of the request was missing or malformed. Go back, reload the page and try again."
        ),
        "signup_closed": N_(
            "Accounts are created by invitation. Ask your sponsor, the person who you work with, for an "
            "invitation. The invitation comes by email and can be used once."
        ),
        "sso_failed": N_(
            "{provider} did not respond, or its response could not be verified. You are not signed in. Try "
            "again; if it still fails, contact an administrator."
        ),
        "sso_response_too_large": N_(
            "The response from the identity provider is too large. Ask an administrator of the identity "
            "provider to send Daypass fewer attributes or groups. Then sign in again."
        ),
        "too_many_attempts": N_("You have tried too often. Try again in a few minutes."),
    }.items()
}
