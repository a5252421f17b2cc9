"""The encoders that `models.embedding` hands out by name, one a file. Imports nothing by itself:
each file brings its own library along, when its first text is encoded."""
