"""Create, import, change and disable roles for administrators. Each action checks the rules again in its transaction.

Raises `Refused` with a sentence when it cannot be, and `Conflict` when somebody was faster or the page no
longer tells the truth.
"""
