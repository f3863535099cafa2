"""Refusals about single sign-on."""

from access.texts.template import N_, Reader, Sentence

TEMPLATES = {
    "sso_account_exists": Sentence(
        N_(
            "An account with your email address already exists, and Daypass does not link accounts by "
            "address. Sign in with its password, or ask an administrator."
        ),
        Reader.ANYONE,
    ),
    "sso_answer_not_ours": Sentence(
        N_("This sign-in response does not belong to a sign-in from your browser. Sign in again."), Reader.ANYONE
    ),
    "sso_answer_replayed": Sentence(N_("This sign-in response has already been used. Sign in again."), Reader.ANYONE),
    "sso_contractor": Sentence(
        N_("This account belongs to a contractor. Contractors sign in with a password."), Reader.ANYONE
    ),
    "sso_email_domain": Sentence(
        N_("{email} is not in an allowed email domain. Contractors sign in with a password."), Reader.ANYONE
    ),
    "sso_email_unverified": Sentence(
        N_("Your identity provider did not confirm that {email} is verified. Tell a Daypass administrator."),
        Reader.ANYONE,
    ),
    "sso_no_email": Sentence(
        N_("Your identity provider did not send your email address. Tell a Daypass administrator."), Reader.ANYONE
    ),
    "sso_no_lasting_id": Sentence(
        N_("Your identity provider sent no permanent identifier for you. Tell a Daypass administrator."), Reader.ANYONE
    ),
}
