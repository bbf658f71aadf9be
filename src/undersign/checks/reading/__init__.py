"""How checks read a parsed artifact: walks over trees, written values, the logic of values."""
