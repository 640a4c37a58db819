"""Exports of articles that may be passed on, with credit lines, a manifest and its later check."""
