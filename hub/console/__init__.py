"""The console: what stewards, finance operations and integration people work in, in a browser."""
