"""The stream: what changed, key by key, without a gap."""
