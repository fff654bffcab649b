"""What capsync remembers between runs: state, journal, history, lock. All of it is optional."""
