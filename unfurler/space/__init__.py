"""How Space says it: the only place with Space's words."""
