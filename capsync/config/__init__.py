"""capsync.yaml: environments, guards, where secrets come from."""

from __future__ import annotations

from capsync.config.load import load_config
from capsync.config.values import (
    CONFIG_FILE,
    SANDBOX,
    AdminCredentials,
    Config,
    Credentials,
    Environment,
    Limits,
    Waiver,
)

__all__ = [
    "CONFIG_FILE",
    "SANDBOX",
    "AdminCredentials",
    "Config",
    "Credentials",
    "Environment",
    "Limits",
    "Waiver",
    "load_config",
]
