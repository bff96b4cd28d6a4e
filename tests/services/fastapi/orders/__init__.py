"""Orders, kept in memory."""
