"""Change facts and append to the audit chain, in one transaction: both happen or neither does."""
