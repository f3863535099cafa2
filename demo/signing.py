"""Signs what the page for proving an AWS identity asks for, as the page's own snippet for Python does."""

import base64
import html
import json
import re

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from demo.browser import Page, UnexpectedPage

_SNIPPET = re.compile(
    r'"(?P<url>https?://[^"/]+/)".*?"Content-Type": "(?P<type>[^"]+)", "x-daypass-proof": "(?P<proof>[^"]+)".*?'
    r'"(?P<body>Action=[^"]+)".*?"sts", "(?P<region>[a-z0-9-]+)"',
    re.DOTALL,
)


def sign(page: Page, keys: dict[str, str]) -> str:
    """Return the line to paste, signed with these keys as boto3 takes them."""
    found = _SNIPPET.search(html.unescape(page.text))
    if found is None:
        raise UnexpectedPage("demo_snippet_missing", url=page.url)
    headers = {"Content-Type": found["type"], "x-daypass-proof": found["proof"]}
    request = AWSRequest("POST", found["url"], headers, found["body"])
    SigV4Auth(Credentials(*keys.values()), "sts", found["region"]).add_auth(request)
    signed = json.dumps({"url": request.url, "headers": dict(request.headers), "body": request.data})
    return "daypass-v1." + base64.urlsafe_b64encode(signed.encode()).decode()
