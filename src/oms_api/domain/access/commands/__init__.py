"""What is done to API keys, one file each."""
