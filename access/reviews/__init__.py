"""Reports and access reviews: lists of what was requested, granted and used, and what is due for certification.

Administrators see everything, approvers see their roles, sponsors see their contractors.
"""

from access.reviews.certifying import DUE_AFTER, KINDS, Item, items
from access.reviews.lists import REPORTS
from access.reviews.scope import Scope
from access.reviews.table import PERIODS, Cell, Report, ReportFilter

__all__ = ["DUE_AFTER", "KINDS", "PERIODS", "REPORTS", "Cell", "Item", "Report", "ReportFilter", "Scope", "items"]
