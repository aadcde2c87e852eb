"""Replays a year of a real shop's invoices as an e-commerce platform would, over HTTP and public mutations only.

`rows` reads the file, `classify` says where each row belongs, `matching` which orders a credit note takes units back of, `plan`
what follows from all of them (all pure); `platform` speaks GraphQL, `replay` carries the plan out and may be stopped at any
time (`pay_and_ship` and `take_back` are its later steps), `kept` reads back, `report` proves that nothing was lost.
"""
