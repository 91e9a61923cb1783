"""The demo: simulated cameras, a real Home Assistant, and the integration set up through its own flow."""
