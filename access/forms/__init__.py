"""Forms that check the format of what people type; the actions check the rules."""
