"""What Kibana shows of the index: data views, dashboards, saved searches and rules."""
