"""Values of specs: one canonical form to compare in, the wire form to send, and what differs."""
