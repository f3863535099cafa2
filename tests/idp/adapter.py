"""What the provider says about people: whatever the test wrote into its file, the truth or not."""

import json
import os
from pathlib import Path
from typing import Any

from allauth.idp.oidc.adapter import DefaultOIDCAdapter


def words() -> dict[str, Any]:
    """Return what the file holds: claims by person, and how the id token is twisted."""
    held: dict[str, Any] = json.loads(Path(os.environ["IDP_WORDS"]).read_text())
    return held


class Adapter(DefaultOIDCAdapter):  # type: ignore[misc]  # allauth ships no types
    def get_claims(self, purpose: str, user: Any, client: Any, scopes: Any, **options: Any) -> dict[str, Any]:
        """Return a stable subject and the test's claims."""
        said = words()
        twisted = said["twisted_userinfo"] if purpose == "userinfo" else {}
        return {"sub": f"sub-of-{user.username}", **said["claims"][user.username], **twisted}

    def populate_id_token(self, id_token: dict[str, Any], client: Any, scopes: Any, **options: Any) -> None:
        """Bend the token as the test wants it."""
        id_token.update(words()["twisted_token"])
