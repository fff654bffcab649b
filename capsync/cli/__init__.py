"""The command line: options in, reports out; all work is done below."""
