"""The settings' values in the words of the Train page."""

TEXTS = {
    "title": "Title",
    "description": "Title and description",
    "fulltext": "Title and full text",
    "partial_text": "Title and the start of the full text",
    "everything": "Title, description and full text",
}
RULES = {
    "zero": "Margin 0",
    "value": "A fixed margin",
    "global": "One tuned threshold",
    "per_tag": "A tuned threshold for each tag",
}
SPLITS = {
    "stratified": "Stratified by tags",
    "iterative": "By pairs of tags (scikit-multilearn's rule)",
    "random": "At random",
    "file": "As the file says",
}
UNITS = {"auto": "By language", "word": "Words", "character": "Characters"}
ANALYZERS = {
    "technical-2": "Technical names kept",
    "technical": "Technical names, as before",
    "sklearn": "scikit-learn's own",
}
KERNELS = {"rbf": "rbf: similarity to training texts", "linear": "linear: a straight line"}
POOLINGS = {
    "layers": "Means of two layers and of the title",
    "mean": "Mean over the tokens",
    "cls": "First token [CLS]",
}
HEADS = {"mean": "Mean over the tokens", "cls": "First token [CLS]", "pooler": "BERT's pooler"}
LONG_TEXTS = {"cut": "Cut", "chunks": "Read in windows"}
PRECISIONS = {"fp32": "32 bit", "bf16": "16 bit (bf16)"}
TUNE_PRECISIONS = {"auto": "Whichever is fast", **PRECISIONS}
DEVICES = {
    "auto": "The best there is",
    "cuda": "NVIDIA GPU",
    "mps": "Apple GPU",
    "cpu": "Processor",
}
LOSSES = {"all_tags": "All tags", "first_tag": "First tag only (the study's fault)"}
SCORERS = {
    "micro_f0.5": "micro F0.5",
    "micro_f1": "micro F1",
    "macro_f1": "macro F1",
    "subset_accuracy": "All tags exactly right",
}
