"""Perform what people do: request access, approve, deny, revoke and so on. Every action checks the rules again inside its own transaction.

Raises `Refused` when a rule refuses the action, `arns.ArnError` for an ARN that cannot be trusted, and
`Conflict` when somebody else acted first or the page that was shown is out of date.
"""
