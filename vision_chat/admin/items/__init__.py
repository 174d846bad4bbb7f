"""Items of review queues: their list, the page on which one is judged, and what a reviewer is to do."""
