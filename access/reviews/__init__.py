"""Reports and access reviews: what was requested, granted and used, and what is due for certification.

Administrators see everything, approvers see their roles, sponsors see their contractors.
"""
