"""Tag columns: however a file writes its tags, the same tags are read, one way a column."""

import json

import pytest

from core.articles.importing import import_source
from core.articles.store.sets import read_sources

# What the column is, its cells, and the tags of each cell.
COLUMNS = {
    "JSON list": (
        ['["go", "machine learning"]', '["c++"]', "[]"],
        [["go", "machine learning"], ["c++"], []],
    ),
    "JSON list in a JSON text": (['"[\\"go\\", \\"web\\"]"'], [["go", "web"]]),
    "Python list": (
        ["['go', 'web']", "['it\\'s', \"o'clock\"]", "[]", "nan"],
        [["go", "web"], ["it's", "o'clock"], [], []],
    ),
    "Python tuple": (["('go', 'web')", "('go',)", "()"], [["go", "web"], ["go"], []]),
    "Python set": (["{'go'}", "frozenset({'go'})", "set()"], [["go"], ["go"], []]),
    "numpy array": (
        ["['python' 'pandas']", "['machine learning'\n \"it's\"]", "['go']"],
        [["python", "pandas"], ["machine learning", "it's"], ["go"]],
    ),
    "numpy array, printed in full": (
        ["array(['python', 'c++'], dtype=object)"],
        [["python", "c++"]],
    ),
    "numpy texts in a list": (["[np.str_('go'), np.str_('web')]"], [["go", "web"]]),
    "R vector": (['c("go", "machine learning")', "css"], [["go", "machine learning"], ["css"]]),
    "Label Studio's choices": (
        ['{"choices": ["Go", "Networking, wireless"]}', "Go", "Networking, wireless"],
        [["Go", "Networking, wireless"], ["Go"], ["Networking, wireless"]],
    ),
    "Label Studio's annotations": (
        [[{"id": 1, "result": [{"id": "x", "type": "choices", "value": {"choices": ["a", "b"]}}]}]],
        [["a", "b"]],
    ),
    "doccano's labels": ([["go", "web"], []], [["go", "web"], []]),
    "doccano's parts of a text": ([[[0, 4, "PER"], [5, 9, "ORG"]]], [["PER", "ORG"]]),
    "Prodigy's answers": ([{"accept": ["go", "web"]}], [["go", "web"]]),
    "spaCy's categories": ([{"go": 1.0, "web": 0.0, "css": True}], [["go", "css"]]),
    "objects as text": (['[{"id": 1, "name": "x"}, {"id": 2, "name": "y z"}]'], [["x", "y z"]]),
    "objects as Python text": (["[{'id': 1, 'name': 'x'}]"], [["x"]]),
    "objects": ([[{"id": 1, "name": "x"}, {"id": 2, "name": "y z"}]], [["x", "y z"]]),
    "objects without names": ([[{"id": 1}, {"id": 2}]], [["1", "2"]]),
    "objects of LinkedInfo": (
        [[{"tagID": "go", "label": "Go"}, {"tagID": "web"}]],
        [["go", "web"]],
    ),
    "objects by name": ([{"Go": {"ID": 7, "name": "Go", "slug": "go"}}], [["Go"]]),
    "nodes of GraphQL": ([{"nodes": [{"name": "go"}, {"name": "web"}]}], [["go", "web"]]),
    "edges of GraphQL": ([{"edges": [{"node": {"name": "go"}}]}], [["go"]]),
    "numbers": ([[5, 2.0], 7, 7.0], [["5", "2"], ["7"], ["7"]]),
    "list without quotes": (
        ["[a, b]", "[machine learning, c++]", "[]", "[x]"],
        [["a", "b"], ["machine learning", "c++"], [], ["x"]],
    ),
    "list without quotes, in bars": (
        ["[a|b]", "[b|c, d]", "[a]"],
        [["a", "b"], ["b", "c, d"], ["a"]],
    ),
    "PostgreSQL array": (
        ["{go,web}", '{"machine learning",go}', "{}", '{"a, b","c\\"d",NULL}'],
        [["go", "web"], ["machine learning", "go"], [], ["a, b", 'c"d']],
    ),
    "arXiv": (
        ["cs.LG stat.ML", "cs.CL", "math.CO cs.DM", "hep-th"],
        [["cs.LG", "stat.ML"], ["cs.CL"], ["math.CO", "cs.DM"], ["hep-th"]],
    ),
    "Pinboard": (
        ["python web flask", "web css design", "python data machine_learning numpy"],
        [
            ["python", "web", "flask"],
            ["web", "css", "design"],
            ["python", "data", "machine_learning", "numpy"],
        ],
    ),
    "Flickr": (
        ['"machine learning" python web flask', "python web css html", '"data science" css'],
        [
            ["machine learning", "python", "web", "flask"],
            ["python", "web", "css", "html"],
            ["data science", "css"],
        ],
    ),
    "Chinese words with blanks": (
        ["并发 后端 数据库", "索引 缓存"],
        [["并发", "后端", "数据库"], ["索引", "缓存"]],
    ),
    "hashtags": (["#go #web", "#C# #go", "#css"], [["go", "web"], ["C#", "go"], ["css"]]),
    "hashtags run together": (["#go#web"], [["go", "web"]]),
    "hashtags of several words": (
        ["#machine learning, #go", "#go"],
        [["machine learning", "go"], ["go"]],
    ),
    "hashtags on both sides": (["#并发# #数据库#", "#后端#"], [["并发", "数据库"], ["后端"]]),
    "angle brackets": (["<sql><c#>", "<css>"], [["sql", "c#"], ["css"]]),
    "angle brackets in HTML": (["&lt;sql&gt;&lt;c#&gt;"], [["sql", "c#"]]),
    "lines": (["go\nmachine learning", "css"], [["go", "machine learning"], ["css"]]),
    "lines with bullets": (
        ["- go\r\n- machine learning", "* css"],
        [["go", "machine learning"], ["css"]],
    ),
    "slashes between blanks": (
        ["go / machine learning", "CI/CD / web", "css"],
        [["go", "machine learning"], ["CI/CD", "web"], ["css"]],
    ),
    "slashes": (["go/web/css", "sql/go", "web"], [["go", "web", "css"], ["sql", "go"], ["web"]]),
    "slashes in names": (["CI/CD", "TCP/IP", "go"], [["CI/CD"], ["TCP/IP"], ["go"]]),
    "tabs": (["go\tmachine learning", "css"], [["go", "machine learning"], ["css"]]),
    "dots": (["go · machine learning", "css"], [["go", "machine learning"], ["css"]]),
    "Chinese commas": (
        ["并发、后端", "数据库，缓存；索引", "go"],
        [["并发", "后端"], ["数据库", "缓存", "索引"], ["go"]],
    ),
    "StackExchange's bars": (["|sql|c#|", "|css|"], [["sql", "c#"], ["css"]]),
    "semicolons, names with commas": (
        ["Networking, wireless; C++", "C++; Go", "Networking, wireless"],
        [["Networking, wireless", "C++"], ["C++", "Go"], ["Networking, wireless"]],
    ),
    "commas, one name with a semicolon": (
        ["go, web", "web, css", "go", "c; templates, web"],
        [["go", "web"], ["web", "css"], ["go"], ["c; templates", "web"]],
    ),
    "commas, with names in quotes": (['"a, b", c', "c"], [["a, b", "c"], ["c"]]),
    "commas, all names in quotes": (["'go', 'web'", "'go'"], [["go", "web"], ["go"]]),
    "commas at ends of lines": (["go,\nweb,", "go"], [["go", "web"], ["go"]]),
    "commas, names of several words": (
        ["machine learning, python", "deep learning"],
        [["machine learning", "python"], ["deep learning"]],
    ),
    "SharePoint": (["go;#machine learning", "css"], [["go", "machine learning"], ["css"]]),
    "semicolons of HTML": (["R&amp;D; C++", "Go"], [["R&D", "C++"], ["Go"]]),
    "one word": (["python", "sql", "c#"], [["python"], ["sql"], ["c#"]]),
    "one name of several words": (
        ["machine learning", "deep learning", "data science", "python 2.7", "python"],
        [["machine learning"], ["deep learning"], ["data science"], ["python 2.7"], ["python"]],
    ),
    "names that look like calls": (
        ["O(1)", "print()", "Scheme (Lisp)"],
        [["O(1)"], ["print()"], ["Scheme (Lisp)"]],
    ),
    "a name that begins with a bracket": (["go; [meta", "web"], [["go", "[meta"], ["web"]]),
}


@pytest.mark.parametrize("name", COLUMNS)
def test_a_column_of_tags_is_read_as_a_person_would(name, tmp_path):
    cells, tags = COLUMNS[name]
    rows = [{"title": f"T{n}", "description": "D", "tags": cell} for n, cell in enumerate(cells)]
    path = tmp_path / "a.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    import_source(str(path), "one")
    assert [list(article.tags) for article in read_sources(["one"])] == tags
