"""Things for people who develop Wyze Local; nothing here is installed with the integration."""
