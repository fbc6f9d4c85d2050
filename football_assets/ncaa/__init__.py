"""NCAA football, daily: games, lines and box scores in; records, features, models and predictions out."""
