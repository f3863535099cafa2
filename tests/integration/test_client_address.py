"""Where a visitor comes from: each IPv4 address counts by itself however it is written, and of IPv6 the network."""

from typing import Any

import pytest
from django.test import Client, RequestFactory
from django.urls import reverse

from access.auth import client_address

LOGIN = reverse("account_login")


@pytest.mark.parametrize(
    ("written", "address", "network"),
    [
        ("192.0.2.7", "192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7", "192.0.2.7"),
        ("::FFFF:192.0.2.7", "192.0.2.7", "192.0.2.7"),
        ("::ffff:c000:207", "192.0.2.7", "192.0.2.7"),
        ("0:0:0:0:0:ffff:192.0.2.7", "192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7%eth0", "192.0.2.7", "192.0.2.7"),
        ("2001:db8::7", "2001:db8::7", "2001:db8::/64"),
        ("2001:db8:0:0:1::7", "2001:db8::1:0:0:7", "2001:db8::/64"),
        ("fe80::1%eth0", "fe80::1", "fe80::/64"),
        ("fe80::1%1", "fe80::1", "fe80::/64"),
        ("::1", "::1", "::/64"),
        ("", "", "unknown"),
        ("unix:", "", "unknown"),
        ("192.0.2.300", "", "unknown"),
    ],
)
def test_an_address_is_always_written_in_one_form(written: str, address: str, network: str) -> None:
    request = RequestFactory().get("/", REMOTE_ADDR=written)
    assert (client_address.address_of(request), client_address.network_of(request)) == (address, network)


def test_an_address_from_a_proxy_is_written_in_the_same_form(settings: Any) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    request = RequestFactory().get("/", headers={"X-Forwarded-For": "192.0.2.1, ::ffff:192.0.2.7"})
    assert client_address.network_of(request) == "192.0.2.7"


def guess(address: str, number: int) -> int:
    given = {"login": f"person{number}@example.com", "password": "x"}
    return Client(REMOTE_ADDR=address).post(LOGIN, given).status_code


def test_a_mapped_address_uses_no_attempts_of_others(db: None) -> None:
    assert [guess("::ffff:192.0.2.7", number) for number in range(31)][-1] == 429
    assert guess("192.0.2.7", 40) == 429
    assert guess("::ffff:192.0.2.8", 41) == 200
