"""One module for each group of rows; `measure()` gives its rows."""
