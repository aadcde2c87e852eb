"""Other programs that do the same work, measured beside ours."""
