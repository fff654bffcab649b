"""Plans, audits and graphs as one self-contained HTML file each: no network, light and dark."""
