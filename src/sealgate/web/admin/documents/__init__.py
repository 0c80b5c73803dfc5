"""What the admin API reads and answers, as models by resource: for validation, and for the OpenAPI
description."""
