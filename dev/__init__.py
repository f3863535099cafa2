"""Set up, run and check Daypass on one machine. The product never imports this package."""
