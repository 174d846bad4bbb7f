"""Review queues: their settings and rules, and what came of their items."""
