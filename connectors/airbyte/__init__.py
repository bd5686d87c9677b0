"""Airbyte sources as connected systems, above all declarative manifests."""
