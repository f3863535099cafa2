"""The AWS for laptops and tests: ministack plus a layer that says no where AWS says no.

Runs in an environment and a process of its own; imports nothing of the product, and the product never imports it.
"""
