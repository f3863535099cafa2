"""Make one role in AWS match the database, and record the role's state in AWS. No other code records this state.

Approvals, revocations, expiries, drift and repairs all lead to `convergence.role`. Calling it twice changes nothing.
"""
