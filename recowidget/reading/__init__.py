"""How a user's frame is read: which column is what, ids, values, titles and repeated pairs."""
