"""How many units there can be of anything: at a level, on a line, on the way."""

LARGEST_QUANTITY = 2_147_483_647
