"""The feed of facts, and jobs, in the schema."""
