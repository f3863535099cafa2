"""Actions of administrators on roles. Each action checks the rules again inside its transaction.

Raises `Refused` with a sentence when it cannot be, and `Conflict` when somebody was faster or the page no
longer tells the truth.
"""
