"""Who is asking: the signed-in person, from which address, with which confirmations, in which browser."""
