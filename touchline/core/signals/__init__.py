"""Signals: ways to learn how a blocker fared, each a module that reads what it is told."""
