"""From a live field to a line in Git: paths, documents, index, locate, splice, proof."""
