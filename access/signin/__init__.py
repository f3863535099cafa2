"""How people sign in: our adapters for allauth, for accounts, second factors and encryption at rest.

Nothing is imported here: single sign-on needs apps that are only installed with it.
"""
