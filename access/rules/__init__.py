"""What people are allowed to do: pure functions in pairs. `check_x` raises Refused, `can_x` is for templates.

Every action calls its check again inside its own transaction. Deny beats allow: each check first refuses the people who
are not allowed, superusers included.
"""
