"""Read policies that people type or paste: return the document, or an error that names the line and the remedy."""

import json
import re
import unicodedata
from typing import Any, NoReturn

from access.explain.damaged import fix
from access.explain.locating import Path, line_and_column, locate
from access.explain.structure import Kind, faults_in
from access.texts.text import CodedError, Text

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


class PolicyError(CodedError):
    """The text is not a policy; the sentence is for the person who typed it. `line` is 0 where there is none.

    `problem` is what is wrong; `text` names the line and column too.
    """

    def __init__(self, problem: Text, *, line: int = 0, column: int = 0) -> None:
        super().__init__(problem.code, **problem.facts)
        self.problem, self.line, self.column = problem, line, column
        if line:
            self.text = Text("policy_at", {"line": line, "column": column, "problem": problem})

    @property
    def code(self) -> str:
        return self.problem.code


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
        _refuse(text, offsets[doubled[0]], Text("policy_name_twice", {"name": doubled[0][-1]}))
    fault = next(faults_in(document, kind), None)
    if fault is not None:
        _refuse(text, _offset(offsets, fault.path), fault.text)
    found: dict[str, Any] = document
    return found


def check_managed_policy_arn(arn: str, *, account_id: str, partition: str = "aws") -> None:
    """Raise PolicyError unless a role of this account can have the managed policy: AWS's own, or the account's."""
    match = _MANAGED.match(arn)
    if match is None:
        raise PolicyError(Text("managed_policy_not_arn", {"arn": arn[:100], "partition": partition}))
    if match["partition"] != partition:
        raise PolicyError(Text("managed_policy_other_partition", {"arn": arn, "partition": partition}))
    if match["owner"] not in ("aws", account_id):
        raise PolicyError(
            Text("managed_policy_other_account", {"arn": arn, "owner": match["owner"], "account": account_id})
        )


def _check_characters(text: str) -> None:
    if not text.strip():
        raise PolicyError(Text("policy_missing"))
    if len(text) > _LONGEST_TEXT:
        raise PolicyError(Text("policy_text_too_long", {"length": len(text), "most": _LONGEST_TEXT}))
    strange = _REFUSED_BY_IAM.search(text)
    if strange:
        _refuse(text, strange.start(), Text("policy_character_invalid", {"character": _named(strange[0])}))


def _named(character: str) -> str:
    """Return a character's code point and name, so that one that looks like another, or like nothing, is known."""
    name = unicodedata.name(character, "").lower()
    return f"U+{ord(character):04X}" + (f" ({name})" if name else "")


def _read_json(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise PolicyError(fix(text, error.pos), line=error.lineno, column=error.colno) from error
    except PolicyError:
        raise
    except (ValueError, RecursionError) as error:
        raise PolicyError(Text("policy_number_too_long")) from error


def _refuse_constant(name: str) -> NoReturn:
    raise PolicyError(Text("policy_json_constant", {"name": name}))


def _check_size(text: str, largest: int) -> None:
    size = len("".join(text.split()))
    if size > largest:
        raise PolicyError(Text("policy_too_large", {"size": size, "most": largest, "excess": size - largest}))


def _check_values(text: str) -> None:
    """Refuse texts that hold such a character by an escape: neither IAM nor the database takes them."""
    for token in _STRING.finditer(text):
        if strange := _REFUSED_BY_IAM.search(json.loads(token[0])):
            _refuse(text, token.start(), Text("policy_character_escaped", {"character": _named(strange[0])}))


def _offset(offsets: dict[Path, int], path: Path) -> int:
    """Return where an element is, or the one around it when it is missing."""
    while path not in offsets:
        path = path[:-1]
    return offsets[path]


def _refuse(text: str, offset: int, problem: Text) -> NoReturn:
    line, column = line_and_column(text, offset)
    raise PolicyError(problem, line=line, column=column)
