"""What happened to a document, told in sentences."""
