"""What those who answer for access look through: lists of what was asked, given and used, and what is due for a look.

Everybody sees of it what is his to answer for: administrators all, approvers their roles, sponsors their contractors.
"""

from access.reviews.certifying import DUE_AFTER, KINDS, Item, items
from access.reviews.lists import REPORTS
from access.reviews.scope import Scope
from access.reviews.table import PERIODS, Cell, Report, ReportFilter

__all__ = ["DUE_AFTER", "KINDS", "PERIODS", "REPORTS", "Cell", "Item", "Report", "ReportFilter", "Scope", "items"]
