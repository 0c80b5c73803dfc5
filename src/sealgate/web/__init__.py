"""What speaks HTTP: the data plane, the control plane, and the supervisor that runs both."""
