"""Labels: asked for in one transaction, bought of the carrier outside of any, and recorded in another."""
