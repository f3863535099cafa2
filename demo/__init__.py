"""The demo: Richard's story, on the AWS side and on the portal's, and a player that goes through it."""
