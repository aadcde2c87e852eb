"""JSON, as values are sent, signed and compared."""

import orjson


def dump_json(value: object) -> bytes:
    """Return *value* as JSON; ids, times, enums and dataclasses are understood, decimals become strings."""
    return orjson.dumps(value, default=str, option=orjson.OPT_NON_STR_KEYS)
