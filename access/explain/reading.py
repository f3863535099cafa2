"""Policies as people type or paste them: the document, or a sentence that names the line and what to do."""

import json
import re
import unicodedata
from typing import Any, NoReturn

from access.explain.damaged import fix
from access.explain.locating import Path, line_and_column, locate
from access.explain.structure import Kind, faults_in

# Characters without white space. [IAM User Guide, "IAM and AWS STS quotas"]
LARGEST = {Kind.PERMISSIONS: 6144, Kind.TRUST: 2048}
_LONGEST_TEXT = 131_072  # what the API takes, white space and all [botocore iam policyDocumentType]

_REFUSED_BY_IAM = re.compile(r"[^\t\n\r\x20-\xff]")
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
_MANAGED = re.compile(
    r"arn:(?P<partition>aws|aws-us-gov|aws-cn):iam::(?P<owner>aws|[0-9]{12}):"
    r"policy/(?:[\x21-\x2e\x30-\x7e]{1,510}/)*[A-Za-z0-9_+=,.@-]{1,128}\Z",
    re.ASCII,
)


class PolicyError(ValueError):
    """The text is no policy; the message is a sentence for the person who typed it. `line` is 0 where there is none."""

    def __init__(self, sentence: str, *, line: int = 0, column: int = 0) -> None:
        super().__init__(f"Line {line}, column {column}: {sentence}" if line else sentence)
        self.line, self.column = line, column


def read_policy(text: str, *, kind: Kind = Kind.PERMISSIONS, largest: int | None = None) -> dict[str, Any]:
    """Return the policy that the text is, or raise PolicyError for the first thing that is wrong with it.

    `largest` is how many characters without white space it can have, by default what IAM takes for the kind.
    """
    text = text.removeprefix("\ufeff")
    _check_characters(text)
    document = _read_json(text)
    _check_values(text)
    _check_size(text, largest if largest is not None else LARGEST[kind])
    offsets, doubled = locate(text)
    if doubled:
        _refuse(text, offsets[doubled[0]], f"{doubled[0][-1]!r} is here for the second time. Keep one.")
    fault = next(faults_in(document, kind), None)
    if fault is not None:
        _refuse(text, _offset(offsets, fault.path), fault.sentence)
    found: dict[str, Any] = document
    return found


def check_managed_policy_arn(arn: str, *, account_id: str, partition: str = "aws") -> None:
    """Raise PolicyError unless a role of this account can have the managed policy: AWS's own, or the account's."""
    example = f"for example arn:{partition}:iam::aws:policy/ReadOnlyAccess"
    match = _MANAGED.match(arn)
    if match is None:
        raise PolicyError(f"“{arn[:100]}” is not the ARN of a managed policy. Copy it from IAM, {example}.")
    if match["partition"] != partition:
        raise PolicyError(f"{arn} is of another partition. This account takes ARNs that begin with arn:{partition}:.")
    if match["owner"] not in ("aws", account_id):
        raise PolicyError(
            f"{arn} belongs to account {match['owner']}. A role takes only policies of AWS or of its own account "
            f"{account_id}: make the policy there, or put its statements into the role's own policy."
        )


def _check_characters(text: str) -> None:
    if not text.strip():
        raise PolicyError('There is no policy. Paste one that begins with { "Version": "2012-10-17", "Statement": …')
    if len(text) > _LONGEST_TEXT:
        raise PolicyError(f"The text has {len(text):,} characters. IAM takes {_LONGEST_TEXT:,} at the very most.")
    strange = _REFUSED_BY_IAM.search(text)
    if strange:
        _refuse(text, strange.start(), f"IAM does not take the character {_named(strange[0])}. Type it again.")


def _named(character: str) -> str:
    """Return a character's code point and name, so that one that looks like another, or like nothing, is known."""
    name = unicodedata.name(character, "").lower()
    return f"U+{ord(character):04X}" + (f" ({name})" if name else "")


def _read_json(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        sentence = f"This is not JSON ({error.msg}). {fix(text, error)}"
        raise PolicyError(sentence, line=error.lineno, column=error.colno) from error
    except PolicyError:
        raise
    except (ValueError, RecursionError) as error:
        raise PolicyError("This is not a policy: a number is too long or lists are nested too deep.") from error


def _refuse_constant(name: str) -> NoReturn:
    raise PolicyError(f"{name} is not JSON. Put it into quotation marks or take it out.")


def _check_size(text: str, largest: int) -> None:
    size = len("".join(text.split()))
    if size > largest:
        raise PolicyError(
            f"The policy has {size:,} characters without white space, and IAM takes {largest:,}. "
            f"Take {size - largest:,} out, or divide it."
        )


def _check_values(text: str) -> None:
    """Refuse texts that hold such a character by an escape: neither IAM nor the database takes them."""
    for token in _STRING.finditer(text):
        if strange := _REFUSED_BY_IAM.search(json.loads(token[0])):
            said = f"IAM does not take the character {_named(strange[0])} that is escaped here. Take it out."
            _refuse(text, token.start(), said)


def _offset(offsets: dict[Path, int], path: Path) -> int:
    """Return where an element is, or the one around it when it is missing."""
    while path not in offsets:
        path = path[:-1]
    return offsets[path]


def _refuse(text: str, offset: int, sentence: str) -> NoReturn:
    line, column = line_and_column(text, offset)
    raise PolicyError(sentence, line=line, column=column)
