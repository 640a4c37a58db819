"""The articles index: templates, writer and queries."""
