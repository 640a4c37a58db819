"""How well the names of one document are joined to entities."""
