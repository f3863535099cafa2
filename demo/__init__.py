"""The demo: one contractor's request on the AWS side and in the portal, and a player that runs through it."""
