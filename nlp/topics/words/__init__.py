"""Words for topics: keywords, labels and exemplars, from what customers wrote."""
