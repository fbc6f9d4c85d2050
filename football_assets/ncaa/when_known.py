"""When the value of a column may be known, as the declarations of the tables say it."""

AFTER = "after the game"
KICKOFF = "at kickoff"
BEFORE = "when the game is listed"
