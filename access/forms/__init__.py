"""The shape of what people type; the rules are asked again by the actions."""
