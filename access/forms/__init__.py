"""Forms, which check the shape of what people type; the actions check the rules again."""
