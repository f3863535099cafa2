"""Find out who sends an HTTP request: the signed-in person, their IP address, confirmations and browser."""
