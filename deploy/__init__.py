"""Everything about running the product; nothing here is imported by it."""
