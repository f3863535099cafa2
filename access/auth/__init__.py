"""Facts about who makes a request: the signed-in person, their IP address, confirmations and browser."""
