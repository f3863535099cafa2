"""Write and send emails to people. An email says what to do and where; no link in it does anything by itself."""
