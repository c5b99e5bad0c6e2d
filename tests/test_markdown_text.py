"""Bodies of posts: no word is lost, no two are joined, and no mark of a site builder stays."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.articles.sources.html_text import html_to_text
from core.articles.sources.markdown_text import markdown_to_text, read_markdown

IN_CODE = (
    "import os",
    "export PATH=/bin",
    "{{ page.title }}",
    "{% if a %}",
    "{{< figure >}}",
    "<Tabs>",
    "{/* note */}",
    "#include #define",
    "Tags: a, b",
    "[^1]: x",
)
AROUND = {
    "a fence": "Before\n\n```js\n{}\n```\n\nAfter",
    "tildes": "Before\n\n~~~\n{}\n~~~\n\nAfter",
    "a fence in a list": "Before\n\n- item\n\n  ```\n  {}\n  ```\n\nAfter",
    "a fence in a quote": "Before\n\n> ```\n> {}\n> ```\n\nAfter",
    "inline code": "Before\n\n`` {} ``\n\nAfter",
    "a highlight": "Before\n\n{{% highlight js %}}\n{}\n{{% endhighlight %}}\n\nAfter",
    "a codeblock": "Before\n\n{{% codeblock lang:js %}}\n\n{}\n{{% endcodeblock %}}\n\nAfter",
    "Hugo's highlight": "Before\n\n{{{{< highlight js >}}}}\n{}\n{{{{< /highlight >}}}}\n\nAfter",
}


@pytest.mark.parametrize("mdx", [False, True])
@pytest.mark.parametrize("code", IN_CODE)
@pytest.mark.parametrize("around", AROUND)
def test_code_stays_as_it_is_written(around, code, mdx):
    text = markdown_to_text(AROUND[around].format(code), mdx=mdx)
    assert text.startswith("Before") and text.endswith("After")
    assert code in text.splitlines()


@pytest.mark.parametrize("code", IN_CODE)
def test_indented_code_stays_in_markdown(code):
    assert markdown_to_text(f"Before\n\n    {code}\n\nAfter") == f"Before\n{code}\nAfter"


def test_lines_that_begin_with_import_or_export_are_text_in_plain_markdown():
    body = "import duties rise\nexport them\n\nexport const is a word"
    assert markdown_to_text(body) == "import duties rise\nexport them\nexport const is a word"


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("a {{ page.title }} b", "a b"),
        ("a {{- x -}} b {%- y -%} c", "a b c"),
        ('a {{< ref "x.md" >}} b {{% note %}} c {{% /note %}}', "a b c"),
        ('see [the page]({{< ref "b.md" >}}) now', "see the page now"),
        ("see [the page]({% link _posts/a.md %}) now", "see the page now"),
        ("see [the page][x]\n\n[x]: {{ site.url }}/{% post_url a %}\n", "see the page"),
        ('a <img src="{{ "/a.png" | relative_url }}"> b', "a b"),
        ("{{< figure\n  src=a\n  title=b >}}\n\nText", "Text"),
        # A mark ends in its paragraph, or it is text.
        ("opens {{ here\n\nText\n\ncloses }} there", "opens {{ here\nText\ncloses }} there"),
        ("`a {{ b` and c }} d", "a {{ b and c }} d"),
        ("{{ a }} `{{ b }}` {{ c }} `` {{ d }} ` ``", "{{ b }} {{ d }} `"),
        ("\\`{{ a }}\\`", "` `"),
        ("<pre>{{ a }}</pre> and <code>{{ b }}</code>", "{{ a }}\nand {{ b }}"),
        ("{% raw %}{{ a }}{% endraw %} and {{ b }}", "{{ a }} and"),
        (
            "{% raw %}\n{{ a }}\n\n```\n{{ b }}\n```\n\n{{ c }}\n{% endraw %}\n{{ d }}",
            "{{ a }}\n{{ b }}\n{{ c }}",
        ),
        ("{{</* figure */>}} is a mark", "{{< figure >}} is a mark"),
        ("## Title {#anchor}\n\nText\n{: .note}", "Title\nText"),
        ("Text {% comment %}hidden{% endcomment %} more {# hidden #}", "Text more"),
        ("A note[^1].\n\n[^1]: Word", "A note .\nWord"),
        ("Not [^a-z] and [^1]", "Not [^a-z] and [^1]"),
        ("- opens {{ a\n- closes }} b", "opens {{ a\ncloses }} b"),
        ("# Opens {{ a\ncloses }} b", "Opens {{ a\ncloses }} b"),
        ("~~gone~~ **bold** _it_", "gone bold it"),
        (
            "$\\frac{1}{2}$ and {1, 2} and {:a => 1} and #{x}",
            "$\\frac{1}{2}$ and {1, 2} and {:a => 1} and #{x}",
        ),
        ("- [ ] open\n- [x] done", "[ ] open\n[x] done"),
        ("- a\n{% if x %}\n- b\n{% endif %}", "a\nb"),
        ("> q {{ x }}\n> {% y %}\n> r", "q\nr"),
        ("<div>\n  {{ content }}\n  <p>words</p>\n</div>", "words"),
    ],
)
def test_marks_of_site_builders_are_cut_outside_of_code(body, text):
    assert markdown_to_text(body) == text


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("import A from 'a'\nimport {\n  B,\n} from \"b\";\n\nText", "Text"),
        ("export const meta = {\n  a: [1,\n\n    'x'],\n};\n\nText", "Text"),
        ("export const T = `\n\n# no heading }\n`;\n\nText", "Text"),
        ("export const A = () => (\n  <p>don't)</p>\n);\n\nText", "Text"),
        ("export default function Layout({ children }) {\n  return children;\n}\n\nText", "Text"),
        ("export const a = 1;\nText", "Text"),
        ("import A from 'a'\nText below", "Text below"),
        ("export const never = {\n\nText", "Text"),
        (
            "Text\n\nimport it yourself\n\nexport is a word",
            "Text\nimport it yourself\nexport is a word",
        ),
        ("Text\nimport A from 'a'", "Text\nimport A from 'a'"),
        ("<Tabs groupId={{a: 1}} on={() => 1 > 2} x='>'>\n\nText\n\n</Tabs>", "Text"),
        ('<Tabs>\n    <TabItem label="b">\n\n    Text\n\n    </TabItem>\n</Tabs>', "Text"),
        ("a <Icon.Small name='x' /> b <>c</> {/* d */} e{' '}f", "a b c e f"),
        ("<div style={{ color: 'red' }}>Text</div>", "Text"),
        ("1 < 2 and a <b> c", "1 < 2 and a c"),
    ],
)
def test_programs_are_cut_from_mdx(body, text):
    assert markdown_to_text(body, mdx=True) == text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<table><tr><td>a</td><td>b</td></tr><tr><th>c</th><th>d</th></tr></table>", "a b\nc d"),
        ("<figure><img src=a><figcaption>b</figcaption></figure>c", "b\nc"),
        ("<details><summary>a</summary>b</details>c", "a\nb\nc"),
        ("<select><option>a</option><option>b</option></select>", "a\nb"),
        ("a<img src=x>b<b>c</b>d", "a bcd"),
        ("Write <script> here. <b>All</b> the rest", "Write <script> here. All the rest"),
        ("Write <title> here, &lt;b&gt;", "Write <title> here, <b>"),
        ("<head><title>T</title><meta name=keywords content=zq></head><p>a", "a"),
        ("<head><title>T</title><body><p>a", "a"),
        ("a <script>x()</script> <style>y</style> b", "a b"),
        ("a <b and no end", "a <b and no end"),
    ],
)
def test_html_keeps_its_words_apart_and_hides_what_pages_hide(html, text):
    assert html_to_text(html) == text


@pytest.mark.parametrize(
    ("body", "text", "tags"),
    [
        ("Text\n\n#go #web-api", "Text", ("go", "web-api")),
        ("#go #web\n\nText", "Text", ("go", "web")),
        ("Text\n\n#go", "Text", ("go",)),
        ("# A title\n\nTags: go, web api\n\nText", "A title\nText", ("go", "web api")),
        ("**Tags**: [go](/tags/go), [web](/tags/web)\n\nText", "Text", ("go", "web")),
        ("Text\n\n标签：前端、性能", "Text", ("前端", "性能")),
        ("#Heading\n\nText", "#Heading\nText", ()),
        ("Text #go\n\n#123 #124\n\nmore", "Text #go\n#123 #124\nmore", ()),
        ("Text\n\nTags: go\n\nmore text", "Text\nTags: go\nmore text", ()),
        (
            "Tags: these are the words that you put on an article.\n\nText",
            "Tags: these are the words that you put on an article.\nText",
            (),
        ),
    ],
)
def test_lines_of_tags_are_tags_and_no_text(body, text, tags):
    found = read_markdown(body)
    assert (found.text, found.tags) == (text, tags)


WORDS = st.lists(st.from_regex(r"[a-z]{2,9}", fullmatch=True), min_size=1, max_size=6).map(" ".join)
CODE = st.text("abc{}%<>/#`~*_= ()'\"\\", min_size=1, max_size=40).map(lambda s: f"x{s}x")


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(WORDS, CODE), min_size=1, max_size=4), st.booleans())
def test_any_fenced_code_and_the_words_around_it_come_back(parts, mdx):
    body = "".join(f"w {words}\n\n~~~~~\n{code}\n~~~~~\n\n" for words, code in parts)
    expected = [line for words, code in parts for line in (f"w {words}", " ".join(code.split()))]
    assert markdown_to_text(body, mdx=mdx).splitlines() == expected


@pytest.mark.parametrize("mdx", [False, True])
@pytest.mark.parametrize(
    "piece",
    [
        "{{ ",
        "{% raw %}",
        "{{</* ",
        "` `` ",
        "{# ",
        '<A x="',
        "<pre ",
        "{/*",
        "#a ",
        "{: ",
        "export const a = {\n/* ",
        "{% highlight x %}\n",
        "<script>",
    ],
)
def test_marks_that_never_end_take_time_in_proportion(piece, mdx):
    started = time.process_time()
    markdown_to_text(piece * 4_000, mdx=mdx)
    assert time.process_time() - started < 3


@pytest.mark.parametrize(
    "piece", ["<!--", "<![", "<!", "<?", "</", "&#", "<a x='", "<script>", "<![CDATA[", "<b>"]
)
def test_the_time_for_broken_html_grows_with_its_length(piece):
    """Python's own parser took sixteen times as long for four times as much, or failed."""
    seconds = []
    for count in (10_000, 40_000):
        start = time.process_time()
        assert html_to_text(f"<p>start</p>{piece * count}>").startswith("start")
        seconds.append(time.process_time() - start)
    assert seconds[1] < 8 * seconds[0] + 0.5
