"""How well people and organisations are known again in other documents."""
