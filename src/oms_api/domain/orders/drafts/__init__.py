"""Orders in preparation: a cart that is kept, changed freely, and placed once or discarded."""
