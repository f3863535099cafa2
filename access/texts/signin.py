"""Refusals about single sign-on."""

from access.texts.template import N_, Reader, Sentence

TEMPLATES = {
    "sign_in_ended": Sentence(
        N_("This sign-in was ended: the password was changed, or you signed out everywhere. Sign in again."),
        Reader.ANYONE,
    ),
    "sso_account_exists": Sentence(
        N_(
            "An account with your email address already exists, and Daypass does not link accounts by"
            " address. Sign in with that account's password, or ask an administrator for help."
        ),
        Reader.ANYONE,
    ),
    "sso_answer_not_ours": Sentence(
        N_(
            "This response from your identity provider does not belong to a sign-in that was started in this "
            "browser. Sign in again."
        ),
        Reader.ANYONE,
    ),
    "sso_answer_replayed": Sentence(N_("This sign-in response has already been used. Sign in again."), Reader.ANYONE),
    "sso_contractor": Sentence(
        N_("Contractors cannot use single sign-on. Sign in with your email address and password."), Reader.ANYONE
    ),
    "sso_email_domain": Sentence(
        N_(
            "{email} is not in an email domain that can use single sign-on. If you are a contractor, sign in "
            "with your password. Otherwise, contact a Daypass administrator."
        ),
        Reader.ANYONE,
    ),
    "sso_email_unverified": Sentence(
        N_(
            "Your identity provider did not confirm that the email address {email} is verified. "
            "Contact a Daypass administrator."
        ),
        Reader.ANYONE,
    ),
    "sso_no_email": Sentence(
        N_(
            "Your identity provider did not send an email address that Daypass can use. Contact a "
            "Daypass administrator."
        ),
        Reader.ANYONE,
    ),
    "sso_no_lasting_id": Sentence(
        N_(
            "Your identity provider did not send a permanent identifier that Daypass can store. "
            "Contact a Daypass administrator."
        ),
        Reader.ANYONE,
    ),
}
