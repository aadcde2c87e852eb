"""The business, one folder per area; an upper area may use a lower one, never the other way round."""
