"""The generated pages of the documentation: one a kind, one a command, and capsync.yaml."""
