"""What is wrong with what somebody typed, beyond what Django's own fields find; `dev.form_errors` knows those."""

from access.texts.template import N_, N_many, Reader, Sentence

TEMPLATES = {
    "access_method_missing": Sentence(
        N_("The role has no access method, so nobody could use it. Allow at least one access method."),
        Reader.ADMINISTRATOR,
    ),
    "account_id_invalid": Sentence(
        N_("This is not a valid AWS account ID. Enter exactly 12 digits."), Reader.ADMINISTRATOR
    ),
    "actions_missing": Sentence(
        N_("You have not chosen an action of {service}. Choose at least one."), Reader.ADMINISTRATOR
    ),
    "audit_kind_unknown": Sentence(
        N_("This is not a kind of event that the audit log contains. Choose a kind from the list."), Reader.ANYONE
    ),
    "characters_invisible": Sentence(
        N_("This text contains invisible characters. Type the text again instead of pasting it."), Reader.ANYONE
    ),
    "duration_invalid": Sentence(
        N_("This is not a valid duration. Enter a duration such as 8 hours, or 1 day 30 minutes."), Reader.ANYONE
    ),
    "duration_too_long": Sentence(
        N_("The duration is longer than {longest}. Enter a shorter duration."), Reader.ANYONE
    ),
    "error_missing": Sentence(
        N_("The error is missing. Paste the AWS error, or select under “What happens” what you see."),
        Reader.REQUESTER,
    ),
    "factor_minutes_above_default": Sentence(
        N_many(
            "The number is higher than the default, which is {minutes} minute. Enter a number that is not higher "
            "than the default.",
            "The number is higher than the default, which is {minutes} minutes. Enter a number that is not higher "
            "than the default.",
        ),
        Reader.ADMINISTRATOR,
        count="minutes",
    ),
    "hours_incomplete": Sentence(
        N_("Office hours are incomplete. Enter days, both times and a time zone."), Reader.ADMINISTRATOR
    ),
    "hours_reversed": Sentence(
        N_("Office hours end before they start. Choose an end later on the same day."), Reader.ADMINISTRATOR
    ),
    "new_end_missing": Sentence(N_("The new end is missing. Enter a new end."), Reader.REQUESTER),
    "new_end_not_used": Sentence(
        N_(
            "You chose a length, but also entered a new end. To use the new end, select “until the new end”. "
            "Otherwise, clear the new end."
        ),
        Reader.REQUESTER,
    ),
    "organisation_id_invalid": Sentence(
        N_("This is not a valid organisation ID. Enter o- followed by 10 to 32 lowercase letters or digits."),
        Reader.ADMINISTRATOR,
    ),
    "partition_invalid": Sentence(
        N_("This is not a valid partition. Enter aws, aws-us-gov or aws-cn."), Reader.ADMINISTRATOR
    ),
    "password_breached": Sentence(
        N_("This password is on a list of stolen passwords. Choose another password."), Reader.ANYONE
    ),
    "password_change_outdated": Sentence(
        N_(
            "The password was changed in the meantime, so this change was not made. If you did not change "
            "it, request a new link."
        ),
        Reader.ANYONE,
    ),
    "password_unchecked": Sentence(
        N_(
            "Daypass cannot read the list of stolen passwords at the moment. Try again later, or inform an "
            "administrator."
        ),
        Reader.ANYONE,
    ),
    "passwords_differ": Sentence(
        N_("The two passwords that you entered are different. Enter the same password twice."), Reader.ANYONE
    ),
    "region_invalid": Sentence(
        N_("This is not a valid region. Enter a region such as eu-central-1."), Reader.ADMINISTRATOR
    ),
    "role_and_session": Sentence(
        N_(
            "You entered the ARN of a role, and also limited the access to your current session. Clear the ARN, or "
            "clear the option that limits the access."
        ),
        Reader.REQUESTER,
    ),
    "role_description_invalid": Sentence(
        N_(
            "IAM accepts only Western European characters in a description. Remove other characters, such as long "
            "dashes and curly quotes."
        ),
        Reader.ADMINISTRATOR,
    ),
    "role_name_invalid": Sentence(
        N_(
            "The role name contains a character that IAM does not accept, or is not 1 to 64 characters long. Use 1 "
            "to 64 characters from A to Z, a to z, 0 to 9 and _+=,.@-."
        ),
        Reader.ADMINISTRATOR,
    ),
    "role_name_reserved": Sentence(
        N_("Names that end in a hyphen and a number are reserved for overflow roles. Choose another name."),
        Reader.ADMINISTRATOR,
    ),
    "role_name_too_long": Sentence(
        N_many(
            "The name of a role with overflow roles can have at most {most} character. Choose a shorter name.",
            "The name of a role with overflow roles can have at most {most} characters. Choose a shorter name.",
        ),
        Reader.ADMINISTRATOR,
        count="most",
    ),
    "role_path_invalid": Sentence(
        N_("This is not a valid IAM path. Begin and end the path with a slash."), Reader.ADMINISTRATOR
    ),
    "statement_incomplete": Sentence(
        N_("A statement is incomplete. Fix the error that the page shows beside the statement."), Reader.ADMINISTRATOR
    ),
    "tag_invalid": Sentence(
        N_("Line {number}: write the tag as key=value. Use only a to z, digits and these characters: _.:/=+-@."),
        Reader.ADMINISTRATOR,
    ),
    "tag_twice": Sentence(
        N_("Line {number}: the tag {key} appears twice. Remove one of these two tags."), Reader.ADMINISTRATOR
    ),
    "time_never_shown": Sentence(
        N_("At that time, clocks in {zone} go forward and skip {shown}. Choose another time."), Reader.ANYONE
    ),
    "time_out_of_range": Sentence(N_("This time is out of range. Choose another time."), Reader.ANYONE),
    "time_shown_twice": Sentence(
        N_("Clocks in {zone} go back and show {shown} twice. Choose one of the two times, or another time."),
        Reader.ANYONE,
    ),
    "zone_invalid": Sentence(
        N_("Daypass does not recognise this time zone. Enter a time zone such as Europe/Berlin or UTC."),
        Reader.ADMINISTRATOR,
    ),
    "zone_unknown": Sentence(
        N_(
            "Daypass does not recognise this time zone. Enter a time zone such as Europe/Berlin, or choose a time "
            "zone from the list."
        ),
        Reader.ANYONE,
    ),
}
