"""Setting up, running and checking Daypass on one machine. The product never imports it."""
