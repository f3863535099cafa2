"""Make one role in AWS match the database, and record AWS's state; no other code records it.

Approve, revoke, expiry, drift and repair all end in `role`. Running it twice changes nothing.
"""
