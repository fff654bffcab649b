"""Configuration as code for the Capillary loyalty platform."""

__version__ = "0.1.0"
