"""Make one role in AWS match the database, and record in the database what the worker read from AWS.

Approvals, revocations, expiries, drift and repairs all lead to `convergence.role`. Calling it twice changes nothing.
"""
