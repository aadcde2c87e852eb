"""Papers and labels: their facts, their templates, and the files made of them."""
