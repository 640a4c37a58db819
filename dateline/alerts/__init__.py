"""What was alerted: ledger, claims, deliveries, all in Elasticsearch."""
