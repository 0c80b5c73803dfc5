"""What people write: connector documents, strict JSON, permalinks and their JSON Schema."""
