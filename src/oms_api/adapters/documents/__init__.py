"""Where files are kept, and what prints: typst for pages, zxing-cpp for barcodes, ZPL by hand."""
