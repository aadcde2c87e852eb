"""The feed of facts and those who follow it, and the jobs that callers watch through it.

Invariants: positions have no gaps and follow commit order within each record; a cursor is never moved silently; whoever
follows sees each event once, in order, whether it was read as backlog or came live; a caller with limits sees only events that
name what lies within them. Jobs that callers ask for are handed to the worker by the relay alone. A reaction's checkpoint moves
in the transaction of what it did: each event has its effect once.
"""
