"""Take articles that others push: the HTTP endpoint and WebSub subscriptions."""
