"""What runs beside the requests: the relay, the worker with its tasks, and housekeeping."""
