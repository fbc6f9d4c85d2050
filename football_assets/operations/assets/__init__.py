"""What Dagster records of its own: how that is kept, and the assets that keep it small."""
