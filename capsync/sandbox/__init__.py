"""The embedded API: an ASGI app over SQLite, written from the API's documentation alone."""
