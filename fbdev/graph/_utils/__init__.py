"""Import paths that the public library has; what they lead to lives beside this package."""
