"""The HTML of the local AWS console: one small template, nothing from elsewhere."""

from collections.abc import Mapping
from html import escape
from pathlib import Path
from string import Template
from typing import Any
from urllib.parse import quote, urlencode

from localaws.clock import stamp
from localaws.requests import Request

_frame = Template((Path(__file__).parent / "console.html").read_text())


def _page(title: str, content: str) -> str:
    return _frame.substitute(title=escape(title), content=content)


def refusal(sentence: str) -> str:
    return _page("Sign-in refused", f'<p class="refused">{escape(sentence)}.</p>')


def signed_out() -> str:
    return _page("Signed out", "<p>You are signed out of the local AWS console.</p>")


def other_account(request: Request, account: str) -> str:
    """Return the page that AWS shows to a browser that is signed in to another account."""
    here = f"http://{request.headers.get('host', '')}{request.path}?{urlencode(request.form, quote_via=quote)}"
    hop = "/oauth?" + urlencode({"Action": "logout", "redirect_uri": here})
    return _page(
        "Amazon Web Services Sign In",
        "<p>You must first log out before logging into a different AWS account.</p>"
        f"<p>You are signed in to {escape(account)}.</p>"
        f'<p><a class="button" href="{escape(hop)}">Sign out and continue</a></p>',
    )


def console(session: Mapping[str, Any], issuer: str, destination: str, outcome: str = "") -> str:
    """Return the console page: the session, the account, its end, the destination, the issuer, and a form to act."""
    facts = {
        "Session": session["Arn"],
        "Account": session["AccountId"],
        "User id": session["UserId"],
        "Ends": stamp(session["Expiration"]),
        "Destination": destination,
        "Issuer": issuer or "none given",
    }
    rows = "".join(f"<dt>{escape(name)}</dt><dd>{escape(str(value))}</dd>" for name, value in facts.items())
    return _page("Local AWS console", f"<dl>{rows}</dl>{_outcome(outcome)}{_ACT}")


def over() -> str:
    return _page("Session over", '<p class="refused">Your console session has ended or was never begun.</p>')


def _outcome(outcome: str) -> str:
    return f'<p class="outcome" role="status">{escape(outcome)}</p>' if outcome else ""


_ACT = """
<form method="post" action="/console/act">
  <label>Bucket <input name="bucket" required></label>
  <label>Key <input name="key" value="hello.txt"></label>
  <button name="action" value="put">Put object</button>
  <button name="action" value="get">Get object</button>
  <button name="action" value="list">List bucket</button>
</form>
<p><a href="/oauth?Action=logout">Sign out</a></p>
"""
