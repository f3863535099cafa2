"""The contract: what AWS answers, row by row, each with its source.

The same table is played on the local AWS in every test run, and on two real sandbox accounts by `make contract`
when CONTRACT_HOST_PROFILE and CONTRACT_CONTRACTOR_PROFILE name them.
"""

from tests.contract import condition_rows, document_rows, permission_rows, session_rows, trust_rows
from tests.contract.rows import Row

TABLES = (trust_rows.T, condition_rows.T, session_rows.T, document_rows.T, permission_rows.T)
ROWS: list[Row] = [row for table in TABLES for row in table.rows]
