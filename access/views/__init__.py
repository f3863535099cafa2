"""HTTP in and out: one call down, then answer."""
