from wfescape import items, link, tag


def test_tag():
    assert tag("p", "a") == "<p>a</p>"


def test_attributes():
    assert tag("p", "a", class_="b", id="c") == '<p class="b" id="c">a</p>'


def test_link():
    assert link("https://example.invalid/a", "b") == '<a href="https://example.invalid/a">b</a>'


def test_items():
    assert items(["a", "b"]) == "<ul><li>a</li><li>b</li></ul>"


def test_text_is_escaped():
    assert tag("p", "<b>") == "<p>&lt;b&gt;</p>"


def test_links_are_escaped():
    assert link("/a", "<script>") == '<a href="/a">&lt;script&gt;</a>'


def test_links_run_no_scripts():
    assert link("javascript:alert(1)", "a") == '<a href="#">a</a>'
