"""Save facts and their audit events in one transaction: both are saved or neither is."""
