"""Pure building blocks: ids, money, time, addresses, transitions, errors, rights and paging. No input or output here."""
