"""Refusals about ticket numbers."""

from access.texts.template import N_, N_many, Phrase, Reader, Sentence

TEMPLATES = {
    "ticket_example_mismatch": Sentence(
        N_("The example {example} does not match the pattern. Correct the example or the pattern."),
        Reader.ADMINISTRATOR,
    ),
    "ticket_invalid": Sentence(
        N_("This is not a valid ticket number for this role. Enter a ticket number such as {example}."),
        Reader.REQUESTER,
    ),
    "ticket_missing": Sentence(
        N_("This role requires a ticket number. Enter a ticket number such as {example}."), Reader.REQUESTER
    ),
    "ticket_pattern_and_example": Sentence(
        N_("A ticket pattern needs an example, and an example needs a pattern. Enter both, or leave both empty."),
        Reader.ADMINISTRATOR,
    ),
    "ticket_pattern_count": Sentence(
        N_(
            "The pattern contains {count}, which is not a valid number of repetitions. Use one number, such as "
            "{{7}}, or a smaller and a larger number, such as {{2,4}}."
        ),
        Reader.ADMINISTRATOR,
    ),
    "ticket_pattern_empty_alternative": Sentence(
        N_(
            "The pattern has nothing before or after a vertical bar. Enter an alternative on each side of the bar, "
            "or remove the bar."
        ),
        Reader.ADMINISTRATOR,
    ),
    "ticket_pattern_range": Sentence(
        N_(
            "The set [{inside}] contains an invalid range: {first}-{last}. Use a range of uppercase letters, lowercase "
            "letters or digits in ascending order, such as A-Z or 0-9."
        ),
        Reader.ADMINISTRATOR,
    ),
    "ticket_pattern_set_character": Sentence(
        N_(
            "The set [{inside}] contains an invalid character: {character}. In a set, use only letters, digits and "
            "ranges such as A-Z."
        ),
        Reader.ADMINISTRATOR,
    ),
    "ticket_pattern_too_long": Sentence(
        N_many(
            "A ticket pattern can have at most {most} character. Shorten the pattern.",
            "A ticket pattern can have at most {most} characters. Shorten the pattern.",
        ),
        Reader.ADMINISTRATOR,
        count="most",
    ),
    "ticket_pattern_unreadable": Sentence(
        N_(
            "The pattern is invalid from “{rest}” onward. Use letters, digits, \\d, sets such as [A-Z], repetitions "
            "such as {{7}}, + or ?, and vertical bars. Put \\ before any other character."
        ),
        Reader.ADMINISTRATOR,
    ),
}
# What a pattern can contain, as part of the refusals above.
PHRASES = {
    "ticket_pattern_help": Phrase(
        N_(
            "In a pattern, letters and digits match themselves. \\d matches a digit, and [A-Z] matches one character "
            "of a set. {{7}} or {{2,4}} sets the number of repetitions, + means one or more, and ? means none or "
            "one. To match any other character, put \\ before the character. A vertical bar separates alternatives: a "
            "ticket number must match one of the alternatives completely."
        )
    )
}
