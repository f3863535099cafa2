"""The AWS for laptops and tests: ministack plus a layer that refuses what AWS refuses.

Runs in an environment and a process of its own; imports nothing of the product, and the product never imports it.
"""
