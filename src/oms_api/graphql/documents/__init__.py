"""Files and links to them, templates of documents, and printing."""
