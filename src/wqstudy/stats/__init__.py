"""Numbers in, numbers out: the statistics alone. Knows no water and no pandas."""
