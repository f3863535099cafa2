"""How people come in: what allauth is told about accounts, second factors and what is sealed in the database."""
