"""How people come in: what allauth is told about accounts, second factors and what is sealed in the database.

Nothing is imported here: single sign-on needs apps that are there with it alone.
"""
