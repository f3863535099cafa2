"""Converge one role: the database says what should be, this makes AWS so, and only here is AWS's state recorded.

Approve, revoke, expiry, drift and repair all end in `role`. Running it twice changes nothing.
"""
