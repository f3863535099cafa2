"""Sign-in: adapters that connect allauth to Daypass's accounts, second factors and encryption at rest.

Nothing is imported here: single sign-on needs apps that are only installed with it.
"""
