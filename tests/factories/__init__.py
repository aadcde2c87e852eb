"""What tests are made of: databases, and given records."""
