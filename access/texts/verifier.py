"""What the verifier finds in documents before they are written, and says of those that were read back."""

from access.texts.template import N_, Reader, Sentence

TEMPLATES = {
    "finding_access_by_strangers": Sentence(
        N_(
            "{grant}: the planned trust policy would also admit a principal or access method that the grant "
            "does not include."
        ),
        Reader.ADMINISTRATOR,
    ),
    "finding_access_left": Sentence(
        N_(
            "{grant}: the grant has ended or must not be written now, but the planned trust policy would still admit "
            "its principal."
        ),
        Reader.ADMINISTRATOR,
    ),
    "finding_allow_added": Sentence(
        N_(
            "The planned policy contains a statement that is not in the current policy and does not correspond to any "
            "grant."
        ),
        Reader.ADMINISTRATOR,
    ),
    "finding_allow_not_accepted": Sentence(
        N_(
            "The planned trust policy contains the statement of a grant although it also contains an Allow statement "
            "that no administrator has accepted."
        ),
        Reader.ADMINISTRATOR,
    ),
    "finding_allow_stays": Sentence(
        N_(
            "The planned trust policy of this managed role still contains an Allow statement that does not "
            "correspond to any grant."
        ),
        Reader.ADMINISTRATOR,
    ),
    "finding_default_deny_misplaced": Sentence(
        N_(
            "In the planned trust policy, the default-deny statement appears together with grants, appears twice, or "
            "does not deny everything."
        ),
        Reader.ADMINISTRATOR,
    ),
    "finding_default_deny_missing": Sentence(
        N_("The planned trust policy does not contain the default-deny statement."), Reader.ADMINISTRATOR
    ),
    "finding_default_deny_weaker": Sentence(
        N_("In the planned trust policy, the default-deny statement denies less than before."), Reader.ADMINISTRATOR
    ),
    "finding_denied_early": Sentence(
        N_("{grant}: the planned expiry policy would deny the grant's sessions before the grant ends."),
        Reader.ADMINISTRATOR,
    ),
    "finding_denies_other_version": Sentence(
        N_(
            "The planned expiry policy has a different policy version, which would change the meaning of "
            "Deny statements that do not correspond to any grant."
        ),
        Reader.ADMINISTRATOR,
    ),
    "finding_deny_lost": Sentence(
        N_("The planned expiry policy would remove a Deny statement that does not correspond to any grant."),
        Reader.ADMINISTRATOR,
    ),
    "finding_expiry_form": Sentence(
        N_(
            "The planned expiry policy contains a statement in an unexpected format. Report this error to the "
            "developers of Daypass."
        ),
        Reader.ADMINISTRATOR,
    ),
    "finding_longer_tokens": Sentence(
        N_(
            "The Deny statement that prevents Daypass sessions from getting longer-lived tokens is missing "
            "from the planned expiry policy of this imported role, or appears more than once."
        ),
        Reader.ADMINISTRATOR,
    ),
    "finding_not_denied_after_end": Sentence(
        N_("{grant}: the grant has ended, but the planned expiry policy does not deny the grant's sessions."),
        Reader.ADMINISTRATOR,
    ),
    "finding_not_denied_at_end": Sentence(
        N_("{grant}: the planned expiry policy does not deny the grant's sessions when the grant ends."),
        Reader.ADMINISTRATOR,
    ),
    "finding_other_session_name": Sentence(
        N_(
            "{grant}: the planned trust policy would let the grant's principal assume the role with a session "
            "name that belongs to {other}."
        ),
        Reader.ADMINISTRATOR,
    ),
    "finding_outside_window": Sentence(
        N_("{grant}: the planned trust policy would admit the grant's principal outside the grant's window."),
        Reader.ADMINISTRATOR,
    ),
    "finding_refused_from_source": Sentence(
        N_(
            "{grant}: the planned trust policy would not admit the grant's principal from one of the grant's "
            "source addresses."
        ),
        Reader.ADMINISTRATOR,
    ),
    "finding_refused_inside_window": Sentence(
        N_("{grant}: the planned trust policy would not admit the grant's principal within the grant's window."),
        Reader.ADMINISTRATOR,
    ),
    "finding_statement_form": Sentence(
        N_(
            "{grant}: in the planned trust policy, the grant's statement has an unexpected format. Report this error "
            "to the developers of Daypass."
        ),
        Reader.ADMINISTRATOR,
    ),
    "finding_statement_too_many": Sentence(
        N_("{grant}: in the planned trust policy, more than one statement has the grant's Sid."), Reader.ADMINISTRATOR
    ),
    "finding_unmanaged_lost": Sentence(
        N_("The planned trust policy would remove an unmanaged statement."), Reader.ADMINISTRATOR
    ),
    "hardening_adds_statement": Sentence(
        N_("The hardening change would add a statement instead of removing a statement."), Reader.ADMINISTRATOR
    ),
    "hardening_changes_more": Sentence(
        N_("The hardening change would also change another part of the trust policy."), Reader.ADMINISTRATOR
    ),
    "hardening_changes_otherwise": Sentence(
        N_("The hardening change would do more than add one condition to the unmanaged statement."),
        Reader.ADMINISTRATOR,
    ),
    "hardening_changes_several": Sentence(
        N_("The hardening change would affect no unmanaged statement, or more than one."), Reader.ADMINISTRATOR
    ),
    "hardening_changes_version": Sentence(
        N_("The hardening change would change the policy version of the trust policy."), Reader.ADMINISTRATOR
    ),
    "hardening_of_deny": Sentence(
        N_("The hardening change would restrict a Deny statement, so more calls would be allowed."),
        Reader.ADMINISTRATOR,
    ),
    "trust_policy_admits": Sentence(
        N_("The trust policy that Daypass read back from AWS admits {principal} with session name {session}."),
        Reader.ADMINISTRATOR,
    ),
    "trust_policy_could_admit": Sentence(
        N_("The trust policy that Daypass read back from AWS could admit {principal} with session name {session}."),
        Reader.ADMINISTRATOR,
    ),
    "trust_policy_refuses": Sentence(
        N_("The trust policy that Daypass read back from AWS does not admit {principal} with session name {session}."),
        Reader.ADMINISTRATOR,
    ),
    "trust_policy_undecided": Sentence(
        N_(
            "Daypass read the trust policy back from AWS but could not determine whether that trust policy admits "
            "the principal of the grant."
        ),
        Reader.ADMINISTRATOR,
    ),
    "verifier_refused": Sentence(
        N_(
            "Daypass left the policies in AWS unchanged, because the planned policies failed a check: "
            "{findings} Daypass tries again automatically. If the problem remains, ask an operator to check "
            "the worker's log."
        ),
        Reader.ANYONE,
    ),
}
