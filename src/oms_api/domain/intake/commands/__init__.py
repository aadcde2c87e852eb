"""Commands on documents that are to become orders."""
