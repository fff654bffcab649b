"""Strict YAML 1.2: values, places, duplicate keys, edits that change only their own bytes."""
