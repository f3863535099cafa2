"""Measures Daypass against raw boto3 on the same local AWS, in the same run. `make bench`, or one row: ROW=name."""
