"""What pages show, built from rows and rules; no request is answered here."""
