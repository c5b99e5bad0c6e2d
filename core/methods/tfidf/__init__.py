"""Words weighted by tf-idf under a one-vs-rest linear SVM."""
