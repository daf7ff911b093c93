"""How an encoder computes: batches, workers, int8, and the choice among precisions."""
