"""Running the platform: processes, health, alerts, metrics, retention."""
