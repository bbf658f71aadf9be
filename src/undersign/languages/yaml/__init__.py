"""YAML of others, read strictly: how deep it nests, and what it says where."""
