"""Who is asking."""

from django.http import HttpRequest

from access.models import User


def signed_in(request: HttpRequest) -> User:
    """Give the person who is signed in; every page but the health checks asks for that before a view runs."""
    user = request.user
    if not isinstance(user, User):
        raise TypeError("this view is open to people who are not signed in")
    return user
