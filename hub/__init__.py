"""The hub: one golden record of each thing a firm's systems know, with its owner and lineage."""

__version__ = "0.1.0"
