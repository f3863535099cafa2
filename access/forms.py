"""The shape of what people type; the rules are asked again by the actions."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from access import arns, diagnose
from access.models import Contractor, Principal, Role, User
from access.rules import REASON_MAX_LENGTH

DATE_INPUT = "%Y-%m-%dT%H:%M"
UNTIL_TYPED = "typed"
PRESETS = (("60", "1 hour"), ("240", "4 hours"), ("480", "8 hours"), (UNTIL_TYPED, "until the end below"))


class UtcDateTimeField(forms.DateTimeField):
    """An instant in UTC; what is not a time is refused with an example."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local", "step": "1"}, format=DATE_INPUT)
    default_error_messages = {"invalid": "This is not a time. Write it like 2026-11-24T16:30, in UTC."}

    def prepare_value(self, value: Any) -> Any:
        """Show an instant in UTC, whatever zone it comes in."""
        return value.astimezone(UTC).replace(tzinfo=None) if isinstance(value, datetime) and value.tzinfo else value


class ReasonField(forms.CharField):
    def __init__(self, **options: Any) -> None:
        options.setdefault("widget", forms.Textarea(attrs={"rows": 3, "maxlength": REASON_MAX_LENGTH}))
        options.setdefault("error_messages", {"required": "Say why: people decide by it, and it stays on record."})
        super().__init__(max_length=REASON_MAX_LENGTH, **options)


class ArnField(forms.CharField):
    """The ARN of one IAM user or role, exactly as typed: blanks around it are refused, not removed."""

    def __init__(self, **options: Any) -> None:
        super().__init__(strip=False, max_length=arns.ARN_MAX_LENGTH, **options)

    def clean(self, value: Any) -> str:
        text = str(super().clean(value))
        if not text:
            return ""
        try:
            return str(arns.parse(text))
        except arns.ArnError as error:
            raise ValidationError(str(error)) from error


class RoleChoiceField(forms.ModelChoiceField):  # type: ignore[type-arg]  # a plain class at run time
    default_error_messages = {"invalid_choice": "You cannot ask for this role. Choose one from the list."}

    def label_from_instance(self, obj: Role) -> str:
        return f"{obj.name} — {obj.account.name}"


class IdentityChoiceField(forms.ModelChoiceField):  # type: ignore[type-arg]  # a plain class at run time
    default_error_messages = {
        "invalid_choice": "This AWS identity is not one of yours, or nobody knows that it is. Choose one from the list."
    }

    def label_from_instance(self, obj: Principal) -> str:
        return f"{obj.arn}, {obj.get_proof_display()}"


class ContractorChoiceField(forms.ModelChoiceField):  # type: ignore[type-arg]  # a plain class at run time
    default_error_messages = {"invalid_choice": "You are not the sponsor of this person. Choose one from the list."}


class PastedInput(forms.Textarea):
    """What is pasted is never shown again: it holds a signature."""

    def format_value(self, value: Any) -> str | None:  # noqa: ARG002  # the point is to leave it out
        return None


class RequestForm(forms.Form):
    """Ask for a role."""

    role = RoleChoiceField(queryset=Role.objects.none(), empty_label=None)
    principal = IdentityChoiceField(
        queryset=Principal.objects.none(),
        label="Your AWS identity",
        required=False,
        blank=True,
        empty_label="None: the portal hands out the sessions",
        widget=forms.RadioSelect,
        help_text="The IAM user or role in your own AWS account that will assume the role.",
    )
    starts_at = UtcDateTimeField(
        label="From (UTC)", required=False, help_text="Leave empty to start as soon as it is approved."
    )
    preset = forms.ChoiceField(
        label="For how long",
        choices=PRESETS,
        required=False,
        widget=forms.RadioSelect,
        initial="60",
        error_messages={"invalid_choice": "This length is not offered. Choose one from the list."},
    )
    ends_at = UtcDateTimeField(
        label="Until (UTC)", required=False, help_text="Needed only when you choose “until the end below”."
    )
    reason = ReasonField(label="What for", help_text="The approver reads this.")

    def __init__(self, *args: Any, roles: Any, identities: Any, now: datetime, **options: Any) -> None:
        super().__init__(*args, **options)
        self.now = now
        self.fields["principal"].queryset = identities  # type: ignore[attr-defined]
        self.fields["role"].queryset = roles  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Turn the chosen length into an end."""
        cleaned = super().clean() or {}
        preset = cleaned.get("preset") or UNTIL_TYPED
        if preset != UNTIL_TYPED:
            start = cleaned.get("starts_at") or self.now
            cleaned["ends_at"] = start + timedelta(minutes=int(preset))
        elif not cleaned.get("ends_at") and not {"ends_at", "preset"} & self.errors.keys():
            self.add_error("ends_at", "Say when the access should end.")
        return cleaned


class ExtendForm(forms.Form):
    """Ask for a later end."""

    ends_at = UtcDateTimeField(label="New end (UTC)")
    reason = ReasonField(label="Why longer", help_text="The approver reads this.")


class ProofForm(forms.Form):
    """What a command for proving an AWS identity printed, and what a session does not show."""

    pasted = forms.CharField(
        label="What it printed",
        strip=False,
        max_length=24_000,
        widget=PastedInput(attrs={"rows": 4, "autocomplete": "off", "spellcheck": "false"}),
        help_text="The one long line. It is sent to AWS once and kept nowhere.",
        error_messages={"required": "Run one of the commands and paste what it prints."},
    )
    role_arn = ArnField(
        label="ARN of your role",
        required=False,
        help_text="Only when you sign in with a role: a session does not show the path of its role.",
    )
    only_session = forms.BooleanField(
        label="I use IAM Identity Center: trust my own session alone, not everybody with my permission set",
        required=False,
    )

    def clean(self) -> dict[str, Any]:
        """Ask for one of the two at most."""
        cleaned = super().clean() or {}
        if cleaned.get("role_arn") and cleaned.get("only_session"):
            self.add_error("role_arn", "Give the role, or choose your own session alone; not both.")
        return cleaned


class VouchForm(forms.Form):
    """A sponsor's word for an AWS identity."""

    contractor = ContractorChoiceField(queryset=Contractor.objects.none(), label="Whose it is", empty_label=None)
    arn = ArnField(
        label="ARN of the IAM user or role",
        help_text="Ask him on a way on which you know that it is he, not by e-mail.",
        error_messages={"required": "Give the ARN of his IAM user or role."},
    )

    def __init__(self, *args: Any, contractors: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["contractor"].queryset = contractors  # type: ignore[attr-defined]


class DeniedForm(forms.Form):
    """Why am I denied? AWS's sentence, or a symptom."""

    symptom = forms.ChoiceField(
        label="What happens", choices=[("", "Choose one"), *diagnose.SYMPTOMS.items()], required=False
    )
    text = forms.CharField(
        label="What AWS says",
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4, "maxlength": 4000}),
        help_text="Paste the whole error. It is read here and not kept; leave keys and tokens out.",
    )

    def clean(self) -> dict[str, Any]:
        """Ask for at least one of the two."""
        cleaned = super().clean() or {}
        if not cleaned.get("text") and not cleaned.get("symptom") and not self.errors:
            raise ValidationError("Paste what AWS says, or choose what happens.")
        return cleaned


class ReasonForm(forms.Form):
    """Say why: to deny, or to revoke."""

    reason = ReasonField(label="Reason", help_text="Everybody who can see the request reads this.")


class LineField(forms.CharField):
    """One line of text that people read: control characters are refused, blanks at its ends removed."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"max_length": 150} | options)

    def clean(self, value: Any) -> str:
        text = str(super().clean(value))
        if not text.isprintable():
            raise ValidationError("This has characters that cannot be seen. Type it again without them.")
        return text


class InviteForm(forms.Form):
    """Invite a contractor."""

    email = forms.EmailField(label="E-mail address", help_text="The invitation is good for this address alone.")
    company = LineField(label="Company", widget=forms.TextInput(attrs={"list": "companies"}))
    contract_ends_at = UtcDateTimeField(label="End of the contract (UTC)", help_text="No access goes on after it.")
    roles = forms.ModelMultipleChoiceField(
        label="Roles that can be asked for", queryset=Role.objects.none(), widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, roles: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["roles"].queryset = roles  # type: ignore[attr-defined]


class ColleagueForm(forms.Form):
    """Invite somebody inside."""

    email = forms.EmailField(label="E-mail address", help_text="The invitation is good for this address alone.")
    sponsor = forms.BooleanField(
        label="May invite contractors", required=False, help_text="And looks after those whom he invited."
    )
    administrator = forms.BooleanField(
        label="Administrator",
        required=False,
        help_text="Sees everything, ends everything, decides nothing by that alone.",
    )


class TermsForm(forms.Form):
    """Change a contractor's terms."""

    contract_ends_at = UtcDateTimeField(label="End of the contract (UTC)")
    roles = forms.ModelMultipleChoiceField(
        label="Roles that can be asked for",
        queryset=Role.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    sponsor = forms.ModelChoiceField(label="Sponsor", queryset=User.objects.none(), empty_label=None)

    def __init__(self, data: Any = None, *, contractor: Contractor, roles: Any) -> None:
        initial = {
            "contract_ends_at": contractor.contract_ends_at,
            "roles": contractor.roles.all(),
            "sponsor": contractor.sponsor_id,
        }
        super().__init__(data, initial=initial)
        self.fields["roles"].queryset = roles.order_by("name")  # type: ignore[attr-defined]
        self.fields["sponsor"].queryset = User.objects.sponsors()  # type: ignore[attr-defined]


class AcceptForm(forms.Form):
    """Answer an invitation."""

    name = LineField(label="Your name", widget=forms.TextInput(attrs={"autocomplete": "name"}))
    password1 = forms.CharField(
        label="A password",
        strip=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="At least 12 characters; a sentence is easier to remember than signs.",
    )
    password2 = forms.CharField(
        label="The same again",
        strip=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, email: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self.user = User(email=email)

    def clean_password1(self) -> str:
        password = str(self.cleaned_data["password1"])
        self.user.name = self.cleaned_data.get("name", "")
        validate_password(password, self.user)
        return password

    def clean(self) -> dict[str, Any]:
        """Refuse two passwords that differ."""
        cleaned = super().clean() or {}
        if cleaned.get("password1") and cleaned["password1"] != cleaned.get("password2"):
            self.add_error("password2", "The two passwords differ. Type the same twice.")
        return cleaned
