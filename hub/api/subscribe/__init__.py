"""Subscriptions: one event is executed once per group of like subscribers, encoded once, and written to each of them."""
