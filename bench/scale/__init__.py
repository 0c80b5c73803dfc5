"""What grows with connectors, tenants, callers and bodies, and what does not. `make bench-scale`."""
