"""What is seen in the notebook: widgets, and what they say to the browser."""
