"""Networks in whose features images are compared, with what says which one a number is of."""
