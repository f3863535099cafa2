"""What the verifier finds in documents before they are written, and says of those that were read back."""

from access.texts.template import N_, Reader, Sentence

TEMPLATES = {
    "finding_access_by_strangers": Sentence(
        N_("{grant}: the trust policy would also admit a principal or access method that the grant does not include."),
        Reader.ADMINISTRATOR,
    ),
    "finding_access_left": Sentence(
        N_(
            "{grant}: the grant has ended, or Daypass does not write it now, but the trust policy would "
            "still admit its principal."
        ),
        Reader.ADMINISTRATOR,
    ),
    "finding_allow_added": Sentence(
        N_("The document contains a statement that Daypass did not write and that was not there before."),
        Reader.ADMINISTRATOR,
    ),
    "finding_allow_not_accepted": Sentence(
        N_("A grant would be written beside an Allow statement that no administrator has accepted."),
        Reader.ADMINISTRATOR,
    ),
    "finding_allow_stays": Sentence(
        N_("An Allow statement that does not correspond to any grant would stay on a managed role."),
        Reader.ADMINISTRATOR,
    ),
    "finding_default_deny_misplaced": Sentence(
        N_("The default-deny statement is beside grants, appears twice, or does not deny everything."),
        Reader.ADMINISTRATOR,
    ),
    "finding_default_deny_missing": Sentence(N_("The default-deny statement would be missing."), Reader.ADMINISTRATOR),
    "finding_default_deny_weaker": Sentence(
        N_("The default-deny statement would deny less than the previous one."), Reader.ADMINISTRATOR
    ),
    "finding_denied_early": Sentence(
        N_("{grant}: the grant's sessions would be denied before the grant ends."), Reader.ADMINISTRATOR
    ),
    "finding_denies_other_version": Sentence(
        N_(
            "The expiry policy contains Deny statements that do not correspond to any grant, and IAM would "
            "interpret them in a different policy version."
        ),
        Reader.ADMINISTRATOR,
    ),
    "finding_deny_lost": Sentence(
        N_("A Deny statement in the expiry policy that does not correspond to any grant would be lost."),
        Reader.ADMINISTRATOR,
    ),
    "finding_expiry_form": Sentence(
        N_("A statement in the expiry policy is not in the format that Daypass uses."), Reader.ADMINISTRATOR
    ),
    "finding_longer_tokens": Sentence(
        N_(
            "The expiry policy of this imported role must contain exactly one Deny statement that prevents "
            "Daypass sessions from getting longer-lived tokens."
        ),
        Reader.ADMINISTRATOR,
    ),
    "finding_not_denied_after_end": Sentence(
        N_("{grant}: the grant has ended, but the grant's sessions would not be denied."), Reader.ADMINISTRATOR
    ),
    "finding_not_denied_at_end": Sentence(
        N_("{grant}: the grant's sessions would not be denied when the grant ends."), Reader.ADMINISTRATOR
    ),
    "finding_other_session_name": Sentence(
        N_("{grant}: the trust policy would admit its principal with the session name of {other}."),
        Reader.ADMINISTRATOR,
    ),
    "finding_outside_window": Sentence(
        N_("{grant}: the trust policy would admit its principal outside the grant's window."), Reader.ADMINISTRATOR
    ),
    "finding_refused_from_source": Sentence(
        N_("{grant}: the trust policy would not admit its principal from one of the grant's source addresses."),
        Reader.ADMINISTRATOR,
    ),
    "finding_refused_inside_window": Sentence(
        N_("{grant}: the trust policy would not admit its principal within the grant's window."), Reader.ADMINISTRATOR
    ),
    "finding_statement_form": Sentence(
        N_("{grant}: the grant's statement is not in the format that Daypass uses."), Reader.ADMINISTRATOR
    ),
    "finding_statement_too_many": Sentence(
        N_("{grant}: more than one statement has the grant's Sid."), Reader.ADMINISTRATOR
    ),
    "finding_unmanaged_lost": Sentence(N_("An unmanaged statement would be lost."), Reader.ADMINISTRATOR),
    "hardening_adds_statement": Sentence(
        N_("The change would add a statement instead of removing one."), Reader.ADMINISTRATOR
    ),
    "hardening_changes_more": Sentence(N_("Another part of the document would change."), Reader.ADMINISTRATOR),
    "hardening_changes_otherwise": Sentence(
        N_("The statement would change in a way other than one added condition."), Reader.ADMINISTRATOR
    ),
    "hardening_changes_several": Sentence(
        N_("The change would not affect exactly one unmanaged statement."), Reader.ADMINISTRATOR
    ),
    "hardening_changes_version": Sentence(N_("The policy version of the document would change."), Reader.ADMINISTRATOR),
    "hardening_of_deny": Sentence(
        N_("The statement is not an Allow, and restricting a Deny would allow more."), Reader.ADMINISTRATOR
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
        N_("Daypass read the trust policy back from AWS but could not determine whether it admits this principal."),
        Reader.ADMINISTRATOR,
    ),
    "verifier_refused": Sentence(
        N_(
            "Daypass checked the policies for this role and did not write them: {findings} Daypass tries "
            "again automatically. If the problem remains, ask an operator to check the worker's log."
        ),
        Reader.ANYONE,
    ),
}
