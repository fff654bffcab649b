"""From live objects to manifests, and from those to files."""
