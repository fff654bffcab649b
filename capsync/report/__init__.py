"""What people and programs read: reports format what they are given and never compute."""
