"""What the verifier finds in documents before they are written, and says of those that were read back."""

from access.texts.template import N_, Reader, Sentence

TEMPLATES = {
    "finding_access_by_strangers": Sentence(
        N_("{grant}: somebody else, or another access method, is admitted."), Reader.ADMINISTRATOR
    ),
    "finding_access_left": Sentence(
        N_("{grant}: it is over or left out, and its principal is still admitted."), Reader.ADMINISTRATOR
    ),
    "finding_allow_added": Sentence(
        N_("A statement is neither Daypass's nor was it there before."), Reader.ADMINISTRATOR
    ),
    "finding_allow_not_accepted": Sentence(
        N_("A grant would be written beside an Allow that nobody has accepted."), Reader.ADMINISTRATOR
    ),
    "finding_allow_stays": Sentence(
        N_("An Allow that no grant explains would stay on a managed role."), Reader.ADMINISTRATOR
    ),
    "finding_default_deny_misplaced": Sentence(
        N_("The default-deny statement is beside grants or there twice, or does not deny everything."),
        Reader.ADMINISTRATOR,
    ),
    "finding_default_deny_missing": Sentence(N_("The default-deny statement would be missing."), Reader.ADMINISTRATOR),
    "finding_default_deny_weaker": Sentence(
        N_("The default-deny statement would deny less than the one before."), Reader.ADMINISTRATOR
    ),
    "finding_denied_early": Sentence(N_("{grant}: its sessions are denied before its end."), Reader.ADMINISTRATOR),
    "finding_denies_other_version": Sentence(
        N_("Denies of the expiry policy that no grant explains would be read in another version."),
        Reader.ADMINISTRATOR,
    ),
    "finding_deny_lost": Sentence(
        N_("A Deny of the expiry policy that no grant explains would be lost."), Reader.ADMINISTRATOR
    ),
    "finding_expiry_form": Sentence(
        N_("A statement of the expiry policy is not of the form that Daypass writes."), Reader.ADMINISTRATOR
    ),
    "finding_longer_tokens": Sentence(
        N_("The expiry policy of this imported role does not deny our sessions longer tokens, or not just once."),
        Reader.ADMINISTRATOR,
    ),
    "finding_not_denied_after_end": Sentence(
        N_("{grant}: it is over, and its sessions are not denied."), Reader.ADMINISTRATOR
    ),
    "finding_not_denied_at_end": Sentence(N_("{grant}: its sessions are not denied at its end."), Reader.ADMINISTRATOR),
    "finding_other_session_name": Sentence(
        N_("{grant}: its principal is admitted with the session name of {other}."), Reader.ADMINISTRATOR
    ),
    "finding_outside_window": Sentence(
        N_("{grant}: its principal is admitted outside its window."), Reader.ADMINISTRATOR
    ),
    "finding_refused_from_source": Sentence(
        N_("{grant}: its principal is not admitted from one of its addresses."), Reader.ADMINISTRATOR
    ),
    "finding_refused_inside_window": Sentence(
        N_("{grant}: its principal is not admitted inside its window."), Reader.ADMINISTRATOR
    ),
    "finding_statement_form": Sentence(
        N_("{grant}: its statement is not of the form that Daypass writes."), Reader.ADMINISTRATOR
    ),
    "finding_statement_too_many": Sentence(
        N_("{grant}: there is a statement too many under its name."), Reader.ADMINISTRATOR
    ),
    "finding_unmanaged_lost": Sentence(N_("An unmanaged statement would be lost."), Reader.ADMINISTRATOR),
    "hardening_adds_statement": Sentence(
        N_("A statement would be added where one was to be removed."), Reader.ADMINISTRATOR
    ),
    "hardening_changes_more": Sentence(N_("Something else in the document would be changed."), Reader.ADMINISTRATOR),
    "hardening_changes_otherwise": Sentence(
        N_("The statement would be changed in other ways than by the one condition."), Reader.ADMINISTRATOR
    ),
    "hardening_changes_several": Sentence(
        N_("Not exactly one unmanaged statement would be changed."), Reader.ADMINISTRATOR
    ),
    "hardening_changes_version": Sentence(N_("The document's version would be changed."), Reader.ADMINISTRATOR),
    "hardening_of_deny": Sentence(
        N_("The statement is not an Allow: with less of a Deny, more is allowed."), Reader.ADMINISTRATOR
    ),
    "trust_policy_admits": Sentence(
        N_("The trust policy read back admits {principal} with session name {session}."), Reader.ADMINISTRATOR
    ),
    "trust_policy_could_admit": Sentence(
        N_("The trust policy read back could admit {principal} with session name {session}."), Reader.ADMINISTRATOR
    ),
    "trust_policy_refuses": Sentence(
        N_("The trust policy read back refuses {principal} with session name {session}."), Reader.ADMINISTRATOR
    ),
    "trust_policy_undecided": Sentence(
        N_("The trust policy read back could not be judged for this principal."), Reader.ADMINISTRATOR
    ),
    "verifier_refused": Sentence(
        N_("Daypass's own check refuses what it would write to this role: {findings}"), Reader.ANYONE
    ),
}
