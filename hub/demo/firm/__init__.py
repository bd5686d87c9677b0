"""A realistic services firm of any size, made from a seed; see README.md."""

from hub.demo.firm.model import Firm

__all__ = ["Firm"]
