"""Brokers that carry the feed onward: a subscription like any other, published to instead of posted."""
