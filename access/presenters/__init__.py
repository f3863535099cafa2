"""Build what pages show, from database rows and rules."""
