"""A provider that runs, and a portal that trusts it."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest

from tests.idp.process import Idp, idp
from tests.integration.sso.visits import CALLBACK


@pytest.fixture(scope="session")
def running_idp(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Idp]:
    with idp(tmp_path_factory.mktemp("idp"), redirect_uri=f"http://testserver{CALLBACK}") as provider:
        yield provider


@pytest.fixture(autouse=True)
def past_the_second_factor(request: pytest.FixtureRequest, settings: Any) -> None:
    """These tests are about what comes before it; one that is about it is marked."""
    if "with_second_factor" not in request.fixturenames:
        factor = "access.middleware.SecondFactorMiddleware"
        settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if name != factor]


@pytest.fixture
def with_second_factor() -> None:
    """The portal as it is."""


@pytest.fixture
def provider(running_idp: Idp, settings: Any, db: None) -> Idp:
    """Return the provider of the settings; nothing it says is left from another test."""
    providers = deepcopy(settings.SOCIALACCOUNT_PROVIDERS)
    app = providers["openid_connect"]["APPS"][0]["settings"]
    app |= {"server_url": running_idp.url, "openid_configuration_overrides": {"issuer": running_idp.url}}
    settings.SOCIALACCOUNT_PROVIDERS = providers
    running_idp.says()
    return running_idp
