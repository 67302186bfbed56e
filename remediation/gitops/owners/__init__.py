"""Who applies a folder: the objects of Argo CD and Flux in a tree, read as renderings."""
