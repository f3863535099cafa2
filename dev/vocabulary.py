"""The words that Daypass does not use: the pattern, what to use instead, and similar text that is allowed."""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rule:
    """A pattern that is not allowed, unless it is part of something innocent."""

    use: str
    pattern: re.Pattern[str]
    innocent: re.Pattern[str] | None = None


def rule(use: str, pattern: str, innocent: str = "") -> Rule:
    """Return a rule that reads text of any case, over the ends of lines."""
    spaced = [re.compile(text.replace(" ", r"\s+"), re.IGNORECASE) for text in (pattern, innocent) if text]
    return Rule(use, *spaced)


BANNED = (
    rule("people are they", r"\b(he|him|his|himself|she|her|hers|herself)\b"),
    rule("metaphor", r"\b(doors?|key ring|houses?|breaks? the glass|voices?|heard|stor(y|ies))\b", r"make story"),
    rule(
        "use email",
        r"\b(letters?|e-mails?)\b",
        r"\b(letters? (and|or|nor) (\w+ )?digits?|digits and letters|letters, digits|letter case"
        r"|(random|capital|small|(upper|lower)-?case|Latin) letters?|letters? (of|outside|that) \w+|pairs of letters"
        r"|digits for letters|last letter of)\b",
    ),
    rule(
        "use grant, or access without an article",
        r"\b(an access|accesses)\b",
        r"\ban access[ -](key|method|review|log|token|policy|certification|request)",
    ),
    rule(
        "use approval or denial",
        r"\b(a|an|your|the|each|every|this|their|one|his|her) (yes|no)\b",
        r"\bthe no (longer|more)\b",
    ),
    rule("use approve, deny, or what happens", r"\b(say|says|said|saying) (yes|no)\b"),
    rule("use only", r"\balone\b", r"\b(leave|leaves|left|leaving|let|lets) (\w+ ){0,4}alone\b|\bstand-alone\b"),
    rule("use again", r"\banew\b"),
    rule("use fix", r"\b(mend|mends|mended|mending)\b"),
    rule(
        "use immediately, or together",
        r"\bat once\b",
        r"\b(all|both|several|many|two|three|everything|\d+) (\w+ )?at once\b",
    ),
    rule("use first, or in advance", r"\bbeforehand\b"),
    rule("use expire", r"\b(lapse|lapses|lapsed|lapsing)\b"),
    rule(
        "use enable or disable",
        r"\b(switch|switches|switched|switching)( (it|them|him|somebody|someone|(the|a) \w+))? (on|off)\b",
    ),
    rule("use return access", r"\b(give|gives|gave|given|giving) (it )?back\b"),
    rule(
        "name the actor",
        r"\b(whoever|what nobody)\b|(?-i:(?:\A|[.:;] )Who )(?!is |has |can |sees |decides |we |are )\w+",
    ),
    rule("name the subject of a test", r"\A(?-i:test) (what|who|whom|whose|whoever|whichever) \w+"),
    rule("use can, or is allowed to", r"\bmay what\b"),
    rule("use delegate", r"\b(deputy|deputies|deputise[sd]?|stands? in for)\b"),
    rule("use overflow role", r"\b(twins?|spills?|spilled)\b"),
    rule("use orphaned statement", r"\bstray\b"),
    rule("use unmanaged statement", r"\b(foreign statements?|statements of others)\b"),
    rule("use expiry policy", r"\bclosing polic(y|ies)\b"),
    rule("use break-glass policy or grant", r"\b(standing rules?|emergencies|emergency (rule|use|grant|policy))\b"),
    rule(
        "use internal user",
        r"\b(people|somebody|someone|nobody|those|everybody|anybody) (inside|outside)\b|\boutsiders?\b",
        r"\b(people|somebody|someone|nobody|those|everybody|anybody) (inside|outside) (the|a|an|of|it|your)\b",
    ),
    rule(
        "use admit, or gets access",
        r"\b(let|lets|letting|gets?|got|getting) (somebody|anybody|nobody|people|everybody|them) in\b"
        r"|\b(lets?|letting|got|gets?) in\b",
        r"\bgets? in (the|an?|this|that|touch|one|AWS|Daypass|IAM|its|time|order)\b",
    ),
    rule("use is not a valid", r"\bthis is no \w+", r"\bthis is no (longer|more)\b"),
    rule("use extend", r"\b(later end|prolong(s|ed)?)\b"),
    rule("use in sync", r"\bin line\b", r"\bin line (with|[0-9])"),
    rule("use recreated", r"\bremade\b"),
    rule("use expired, or ended", r"\b(shut|shuts)\b", r"\bshuts? down\b"),
    rule("use is, or appears", r"\bstands?\b(?! for\b)", r"\bstand-alone\b|\bstands? in for\b"),
    rule("use review, read or check", r"\blook(s|ed|ing)? (at|through)\b"),
    rule("use issue", r"\b(hands?|handed|handing) (it |them |\w+ )?out\b"),
    rule("use continue", r"\b(goes|go|going) on\b", r"\b(goes|go|going) on record\b"),
    rule("use delay", r"\b(holds?|held|holding) (\w+ )?up\b"),
    rule("use forever, or permanently", r"\bfor ever\b"),
    rule("use return", r"\band give (what|the|it|which|how|all|so|every)\b"),
    rule("use cannot, must not, or might not", r"\bmay not\b"),
    rule(
        "use can, for people",
        r"\b(persons?|administrators?|approvers?|contractors?|sponsors?|requesters?|everybody|nobody|anybody) may"
        r" (?!have|be|lose|wait|assume)\w+",
    ),
    rule("use flagged", r"\b(in|stays|is) red\b"),
)
# Only in documents and templates: readers stopped at these, and in code some are names or plain English.
IN_PAGES = (
    rule("use the web process", r"\bthe web\b", r"\bthe web (process(es)?|server|page|browser)\b"),
    rule(
        "put own before the noun",
        r"\bof (its|their|our|your) own\b"
        r"(?=[ ]*([.,;:)*]|\Z|\b(and|at|but|by|for|from|in|on|or|that|to|under|which|with)\b))",
    ),
    rule("use idle, or stored", r"\bat rest\b", r"\b(encryption|encrypted) at rest\b"),
    rule("use earlier, or previous", r"\bformer\b"),
    rule("use scheduler", r"\b(the|no|a|and|or) beat\b", r"\bcelery beat\b"),
    rule("write ID", r"(?-i:\b(access key|account|client|entity|external|unique|user) ids?\b)"),
    rule("use permanently", r"\bfor good\b"),
    rule("use still, or anyway", r"\ball the same\b"),
    rule("use created again", r"\b(make|makes|made|making) again\b"),
    rule("use remove", r"\b(take|takes|took|taken|taking) away\b"),
    rule("use isolated network", r"\bleads? nowhere\b|\bnetwork without other\b"),
    rule("use at most", r"\bat the most\b"),
    rule("use back and forth", r"\bto and fro\b"),
    rule("use check whether", r"\b(try|tries|tried|trying) whether\b"),
    rule("use assessment", r"\bour judge?ment\b"),
    rule("use passes no data, or is empty", r"\b(carry|carries|carried) nothing\b"),
    rule("say what it is due for", r"\b(role|roles|everything) that (is|are) due\b(?! (for|to)\b)"),
)
DOCSTRING = rule("begin with an imperative verb", r"\A(give|gives|say|says|tell|tells|yes|whether|true)\b")
