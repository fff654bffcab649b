"""Drift audits for people, programs, pull requests, test reports and code scanning."""
