"""Refusals and reasons about stops."""

from access.texts.template import N_, Phrase, Reader, Sentence

TEMPLATES = {
    "access_stopped": Sentence(
        N_(
            "Access is stopped for {scope}. Until two administrators lift the stop, nobody can request, "
            "approve or use access there. To find out why access is stopped, ask an administrator."
        ),
        Reader.ANYONE,
    ),
    "own_lift": Sentence(
        N_(
            "You proposed to lift this stop, so you cannot confirm it. Ask another administrator to confirm that the "
            "stop is lifted."
        ),
        Reader.ADMINISTRATOR,
    ),
    "revoked_by_stop": Sentence(N_("Access was stopped for {scope}: {comment}"), Reader.ANYONE),
    "stop_lifted": Sentence(
        N_("This stop has been lifted. If access must end again, stop access again."), Reader.ADMINISTRATOR
    ),
    "stop_name_differs": Sentence(
        N_("The text that you typed is not {name}. To confirm, type exactly {name}."), Reader.INTERNAL
    ),
}

PHRASES = {
    "stopped_account": Phrase(N_("this AWS account")),
    "stopped_company": Phrase(N_("this company")),
    "stopped_everything": Phrase(N_("everything")),
    "stopped_person": Phrase(N_("this person")),
    "stopped_role": Phrase(N_("this role")),
    "stopped_sponsor": Phrase(N_("all contractors of this sponsor")),
}
