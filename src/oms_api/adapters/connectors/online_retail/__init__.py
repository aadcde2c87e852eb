"""Replays a year of a real shop's invoices as an e-commerce platform would, over HTTP and public mutations only.

`rows` reads the file, `classify` says where each row belongs, `plan` what follows from all of them (both pure); `platform`
speaks GraphQL, `replay` carries the plan out and may be stopped at any time, `report` proves that nothing was lost.
"""
