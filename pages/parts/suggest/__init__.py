"""Parts of the Suggest page."""
