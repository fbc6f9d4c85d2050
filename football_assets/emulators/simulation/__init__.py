"""Made-up worlds: fictional clubs and colleges whose games follow from a seed."""
