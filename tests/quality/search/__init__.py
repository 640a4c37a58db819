"""How well `dateline search` orders articles, on the development stories."""
