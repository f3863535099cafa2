"""Rules about what people are allowed to do, as pairs of pure functions.

`check_x` raises Refused, and `can_x` returns the same answer as a boolean.

Every action calls its check again inside its own transaction. Deny beats allow: each check first refuses the people who
are not allowed, superusers included.
"""
