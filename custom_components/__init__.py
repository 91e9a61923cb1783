"""Custom integrations; makes the folder importable from the tests."""
