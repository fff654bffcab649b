"""What each command does from beginning to end: apply, export, audit, undo ..."""
