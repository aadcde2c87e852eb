"""Files and printing: typst for pages, zxing-cpp for barcodes, ZPL by hand."""
