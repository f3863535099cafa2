"""What the verifier finds in documents before they are written, and says of those that were read back."""

from access.texts.template import N_, Reader, Sentence

TEMPLATES = {
    "finding_access_by_strangers": Sentence(
        N_("{grant}: the trust policy would also admit a principal or access method that the grant does not include."),
        Reader.ADMINISTRATOR,
    ),
    "finding_access_left": Sentence(
        N_("{grant}: the grant has ended or was left out, but the trust policy would still admit its principal."),
        Reader.ADMINISTRATOR,
    ),
    "finding_allow_added": Sentence(
        N_("The document contains a statement that Daypass did not write and that was not there before."),
        Reader.ADMINISTRATOR,
    ),
    "finding_allow_not_accepted": Sentence(
        N_("A grant would be written beside an Allow that no administrator has accepted."), Reader.ADMINISTRATOR
    ),
    "finding_allow_stays": Sentence(
        N_("An Allow that does not correspond to any grant would stay on a managed role."), Reader.ADMINISTRATOR
    ),
    "finding_default_deny_misplaced": Sentence(
        N_("The default-deny statement is beside grants, appears twice, or does not deny everything."),
        Reader.ADMINISTRATOR,
    ),
    "finding_default_deny_missing": Sentence(N_("The default-deny statement would be missing."), Reader.ADMINISTRATOR),
    "finding_default_deny_weaker": Sentence(
        N_("The default-deny statement would deny less than the previous one."), Reader.ADMINISTRATOR
    ),
    "finding_denied_early": Sentence(N_("{grant}: its sessions would be denied before its end."), Reader.ADMINISTRATOR),
    "finding_denies_other_version": Sentence(
        N_(
            "Denies in the expiry policy that do not correspond to any grant would be interpreted in "
            "a different policy version."
        ),
        Reader.ADMINISTRATOR,
    ),
    "finding_deny_lost": Sentence(
        N_("A Deny in the expiry policy that does not correspond to any grant would be lost."), Reader.ADMINISTRATOR
    ),
    "finding_expiry_form": Sentence(
        N_("A statement in the expiry policy does not have the form that Daypass writes."), Reader.ADMINISTRATOR
    ),
    "finding_longer_tokens": Sentence(
        N_(
            "The expiry policy of this imported role does not contain exactly one Deny that prevents "
            "Daypass sessions from getting longer-lived tokens."
        ),
        Reader.ADMINISTRATOR,
    ),
    "finding_not_denied_after_end": Sentence(
        N_("{grant}: the grant has ended, but its sessions would not be denied."), Reader.ADMINISTRATOR
    ),
    "finding_not_denied_at_end": Sentence(
        N_("{grant}: its sessions would not be denied at its end."), Reader.ADMINISTRATOR
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
        N_("{grant}: its statement does not have the form that Daypass writes."), Reader.ADMINISTRATOR
    ),
    "finding_statement_too_many": Sentence(
        N_("{grant}: there is more than one statement with its Sid."), Reader.ADMINISTRATOR
    ),
    "finding_unmanaged_lost": Sentence(N_("An unmanaged statement would be lost."), Reader.ADMINISTRATOR),
    "hardening_adds_statement": Sentence(
        N_("The change would add a statement instead of removing one."), Reader.ADMINISTRATOR
    ),
    "hardening_changes_more": Sentence(N_("Something else in the document would change."), Reader.ADMINISTRATOR),
    "hardening_changes_otherwise": Sentence(
        N_("The change to the statement would be different from adding one condition."), Reader.ADMINISTRATOR
    ),
    "hardening_changes_several": Sentence(
        N_("The change would not affect exactly one unmanaged statement."), Reader.ADMINISTRATOR
    ),
    "hardening_changes_version": Sentence(N_("The policy version of the document would change."), Reader.ADMINISTRATOR),
    "hardening_of_deny": Sentence(
        N_("The statement is not an Allow: restricting a Deny would allow more."), Reader.ADMINISTRATOR
    ),
    "trust_policy_admits": Sentence(
        N_("Daypass read the trust policy back from AWS: it admits {principal} with session name {session}."),
        Reader.ADMINISTRATOR,
    ),
    "trust_policy_could_admit": Sentence(
        N_("Daypass read the trust policy back from AWS: it could admit {principal} with session name {session}."),
        Reader.ADMINISTRATOR,
    ),
    "trust_policy_refuses": Sentence(
        N_("Daypass read the trust policy back from AWS: it does not admit {principal} with session name {session}."),
        Reader.ADMINISTRATOR,
    ),
    "trust_policy_undecided": Sentence(
        N_("Daypass could not determine whether the trust policy read back from AWS admits this principal."),
        Reader.ADMINISTRATOR,
    ),
    "verifier_refused": Sentence(
        N_(
            "Daypass's own check rejected what would be written to this role: {findings} Daypass tries again "
            "automatically; if the problem remains, ask an operator to check the worker's log."
        ),
        Reader.ANYONE,
    ),
}
