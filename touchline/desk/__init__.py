"""What we know and what we can do: the nouns, their verbs, their named questions. The only part with tables."""
