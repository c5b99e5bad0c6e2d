"""An encoder's vectors under a one-vs-rest SVM."""
