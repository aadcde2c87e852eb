"""Making the papers that go with parcels: facts are read, the printer prints, the file is kept."""
