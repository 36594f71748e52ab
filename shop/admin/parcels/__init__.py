"""What is said of a parcel that has left, mended."""
