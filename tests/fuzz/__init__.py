"""Mails that nobody would think of, and what must hold of every one of them. docs/fuzzing.md says how to run it for long."""
