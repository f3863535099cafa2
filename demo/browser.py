"""A person at the portal's pages, without a browser: opens pages, fills in their forms, sends them."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urljoin

import requests

from access.texts.text import CodedError
from demo import codes

TIMEOUT = 30


class UnexpectedPage(CodedError):
    """The page is not what a person would expect there; the message says what is missing."""


@dataclass
class Form:
    """One form of a page: where it goes, and what its fields hold before anybody types."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)
    buttons: set[tuple[str, str]] = field(default_factory=set)


@dataclass
class Page:
    url: str
    text: str
    forms: list[Form]

    def form_with(self, *names: str) -> Form:
        """Return the form that has all these fields or buttons."""
        for form in self.forms:
            if set(names) <= set(form.fields) | {name for name, _ in form.buttons}:
                return form
        raise UnexpectedPage("demo_form_missing", url=self.url, names=tuple(names))


class Visitor:
    """One signed-in person with their own cookies."""

    def __init__(self, portal: str) -> None:
        self.portal = portal
        self._password: str | None = None
        self.http = requests.Session()
        self.page = Page(portal, "", [])

    def open(self, path: str) -> Page:
        """Go to a page and return it."""
        return self._arrive(self.http.get(urljoin(self.portal, path), timeout=TIMEOUT))

    def send(self, *having: str, **values: str) -> Page:
        """Fill in and send the form with the fields `having` and all of `values`, and return the page that follows."""
        form = self.page.form_with(*having, *values)
        data = form.fields | values
        answer = self.http.post(
            urljoin(self.page.url, form.action), data=data, headers={"Referer": self.page.url}, timeout=TIMEOUT
        )
        return self._arrive(answer)

    def ask(self, **values: str) -> Page:
        """Fill in and send the request form, again if the page points out earlier access, and return what follows."""
        page = self.send("role", **values)
        is_pointed_out = any("pointed_out" in form.fields for form in page.forms)
        return self.send("role", "pointed_out", **values) if is_pointed_out else page

    def sign_in(self, email: str, password: str, seed: str, *, notebook: Path) -> Page:
        """Sign in with the password and a code of the seed, and return the page that follows.

        The file `notebook` names the codes that were used before.
        """
        self._password = password
        self.open("/account/login/")
        page = self.send(login=email, password=password)
        unused = codes.unused(seed, notebook=notebook)
        while page.url.endswith("/factors/authenticate/") and (code := next(unused, None)):
            page = self.send(code=code)
        if "/account/" in page.url:
            raise UnexpectedPage("demo_sign_in_failed", email=email)
        return page

    def confirm(self) -> Page:
        """Type the password again if the page asks who it is, and return the page that follows.

        The password will do beside the code of the sign-in, and needs no waiting for the next code.
        """
        if self._password is None or "/reauthenticate/" not in self.page.url:
            return self.page
        if "/factors/" in self.page.url:
            self.open(self.page.url.replace("/factors/reauthenticate/", "/reauthenticate/"))
        return self.send(password=self._password)

    def _arrive(self, answer: requests.Response) -> Page:
        if answer.status_code != requests.codes.ok:
            raise UnexpectedPage("demo_page_failed", url=answer.url, status=answer.status_code)
        reader = _FormReader()
        reader.feed(answer.text)
        self.page = Page(answer.url, answer.text, reader.forms)
        return self.page


class _FormReader(HTMLParser):
    """Collects forms; of a select it takes the chosen option, of radio buttons the checked one."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(given.get("action", "")))
        elif self.forms and tag in {"input", "button", "select", "option", "textarea"}:
            self._field(tag, given, self.forms[-1])

    def _field(self, tag: str, given: dict[str, str], form: Form) -> None:
        name = given.get("name", "")
        if tag == "button" and name:
            form.buttons.add((name, given.get("value", "")))
        elif tag == "select":
            self._select = name
            form.fields.setdefault(name, "")
        elif tag == "option" and ("selected" in given or not form.fields.get(self._select)):
            form.fields[self._select] = given.get("value", "")
        elif tag == "textarea":
            form.fields[name] = ""
        elif tag == "input" and name and self._counts(given):
            form.fields[name] = given.get("value", "")

    @staticmethod
    def _counts(given: dict[str, str]) -> bool:
        return given.get("type") not in {"checkbox", "radio", "submit"} or "checked" in given
