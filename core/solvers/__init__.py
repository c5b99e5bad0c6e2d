"""One-vs-rest SVMs on arrays: `fit_path` for several C, `OneVsRestSVC` for scikit-learn's way.

The solvers know arrays only: no settings, no taggers. torch is loaded with the first fit.
"""
