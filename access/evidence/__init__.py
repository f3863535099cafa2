"""Build the evidence pack of a grant: a ZIP file with everything that proves the grant. Import the modules."""
