"""Comparing manifests with the org: pairing, changes, order. Pure: values in, values out."""
