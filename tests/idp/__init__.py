"""An OpenID Connect provider of the tests: allauth's own, as a process of its own with a database of its own."""
