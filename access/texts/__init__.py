"""Sentences that people read; other code passes on only a stable code and facts.

Import the modules: `from access.texts import text`. The lower layers make a `Text`; pages translate it.
"""
