"""Pictures: the upload pipeline, where the files lie, and how they are served."""
