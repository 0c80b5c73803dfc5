"""Registry files: many connectors in one JSON document that a source owns (REFERENCE section 13)."""
