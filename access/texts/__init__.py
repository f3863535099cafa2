"""The sentences that people read; all other code uses stable codes and facts instead of sentences.

Import the modules: `from access.texts import text`. The lower layers make a `Text`; pages translate it.
"""
