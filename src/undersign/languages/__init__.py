"""Text in, tree with spans out: one language each, no files, no catalogs."""
