"""Sentences for people: a stable code and facts travel through the code, and the words are here.

Import the modules: `from access.texts import text`. The lower layers make a `Text`; pages translate it.
"""
