"""One-vs-rest SVM solvers that take arrays and give arrays."""
