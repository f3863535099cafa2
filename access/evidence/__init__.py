"""The evidence pack of one grant: what it contains, and how it is packed. Import the modules."""
