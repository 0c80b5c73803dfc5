"""Compile connector documents to plans, run plans, explain runs."""
