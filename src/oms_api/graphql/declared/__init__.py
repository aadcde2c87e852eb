"""What an entity shows, what leads on from it, what it is found by and what is done with it: each declared once.

`records` makes an output type of a row, `links` its fields that lead to other records, `filters` and `lists` its list, look-up
and count, `inputs` and `mutations` what is done with it; `agreement` tells when a declaration and its column differ.
"""
