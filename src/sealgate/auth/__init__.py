"""Authentication types: what an admin writes, and the value that obtains the credential."""
