"""Talking to the service: dialects, authentication, pacing, retries, typed failures."""
