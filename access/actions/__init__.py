"""Perform what people do: request, approve, deny, revoke and so on. Each checks the rules again in its transaction.

Raises `Refused` when a rule refuses the action, `arns.ArnError` for an ARN that cannot be trusted, and
`Conflict` when somebody else acted first or the page that was shown is out of date.
"""
