"""The page and the list of documents are kept by whoever publishes or withdraws a document."""

import json
import re
from html.parser import HTMLParser

import pytest

from nba_backfill.publishing.site import LIST_NAME, ListContestedError, keep_site, page
from nba_backfill.warehouse.files import LocalFiles


@pytest.fixture
def files(tmp_path):
    return LocalFiles(tmp_path)


def publish(files, *paths):
    for path in paths:
        files.write(f"v1/{path}", b"{}")


def listing(files):
    return json.loads(files.read(LIST_NAME))


def test_dated_documents_are_listed_by_date_and_the_others_by_path(files):
    keep_site(files, ["results/2026-01-02.json", "results/2026-01-01.json", "streaks/today.json"])
    said = listing(files)
    assert said["dated"] == {"results": ["2026-01-01", "2026-01-02"]}
    assert said["documents"] == ["streaks/today.json"]
    assert said["as_of_date"] == "2026-01-02"


def test_what_is_listed_stays_when_another_exporter_publishes(files):
    keep_site(files, ["results/2026-01-01.json"])
    keep_site(files, ["players/anna.json"])
    assert listing(files)["dated"] == {"results": ["2026-01-01"]}
    assert listing(files)["documents"] == ["players/anna.json"]


def test_a_withdrawn_document_is_struck_out(files):
    keep_site(files, ["results/2026-01-01.json", "results/2026-01-02.json"])
    keep_site(files, gone=["results/2026-01-02.json"])
    assert listing(files)["dated"] == {"results": ["2026-01-01"]}


@pytest.mark.parametrize("damage", [None, b"", b"{", b"[]", b'{"dated": 3}', b"\xff"])
def test_a_lost_or_damaged_list_is_made_anew_from_what_is_in_the_store(files, damage):
    publish(files, "results/2026-01-01.json", "trends/quick-hits.json", "schemas/results.json")
    if damage is not None:
        files.write(LIST_NAME, damage)
    keep_site(files, ["streaks/today.json"])
    assert listing(files)["dated"] == {"results": ["2026-01-01"]}
    assert listing(files)["documents"] == ["streaks/today.json", "trends/quick-hits.json"]


def test_documents_of_each_player_and_date_do_not_swell_the_list(files):
    keep_site(files, ["players/anna/game-report/2026-01-01.json", "players/anna.json"])
    assert listing(files)["documents"] == ["players/anna.json"]


def test_the_same_again_writes_nothing(files, tmp_path):
    keep_site(files, ["results/2026-01-01.json"])
    before = {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*.*") if p.is_file()}
    keep_site(files, ["results/2026-01-01.json"])
    assert {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*.*") if p.is_file()} == before


def test_page_and_list_have_their_headers_and_a_schema(files):
    keep_site(files)
    assert files.info("index.html").content_type == "text/html; charset=utf-8"
    assert files.info("index.html").cache_control == "public, max-age=300"
    assert files.info(LIST_NAME).content_type == "application/json"
    schema = json.loads(files.read("v1/schemas/index.json"))
    assert {"dated", "documents", "as_of_date", "generated_at"} == set(schema["required"])


def test_another_page_in_the_store_is_replaced_by_this_code_s(files):
    files.write("index.html", b"an older one", content_type="text/html; charset=utf-8")
    keep_site(files)
    assert files.read("index.html") == page()


class Contested(LocalFiles):
    """A folder in which another run always enters its document first."""

    def __init__(self, folder, times):
        super().__init__(folder)
        self.times = times

    def replace(self, name, content, **how):
        if self.times:
            self.times -= 1
            keep_site(LocalFiles(self.folder), [f"results/2026-01-{10 + self.times}.json"])
        super().replace(name, content, **how)


def test_two_runs_that_meet_are_both_listed(tmp_path):
    files = Contested(tmp_path, times=2)
    keep_site(files, ["results/2026-01-01.json"])
    assert listing(files)["dated"]["results"] == ["2026-01-01", "2026-01-10", "2026-01-11"]


def test_a_list_that_others_change_each_time_is_an_error_that_says_what_to_do(tmp_path):
    with pytest.raises(ListContestedError, match="run the same again"):
        keep_site(Contested(tmp_path, times=99), ["results/2026-01-01.json"])


class Addresses(HTMLParser):
    """Everything in a page that a browser would fetch, and the elements it is made of."""

    def __init__(self):
        super().__init__()
        self.found, self.tags = [], set()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.found += [value for name, value in attrs if name in ("src", "href", "action")]


def test_the_page_is_one_file_that_asks_no_other_host():
    text = page().decode()
    parser = Addresses()
    parser.feed(text)
    assert all(href.startswith(("#", "data:")) for href in parser.found)
    # The SVG namespace is a name and is not fetched.
    hosts = set(re.findall(r"(?<![\\:])(?:https?:)?//[\w.-]+\.\w+[\w./-]*", text))
    assert hosts == {"http://www.w3.org/2000/svg"}
    assert "@import" not in text
    assert "connect-src 'self'" in text
    assert len(page()) < 100_000


def test_the_page_makes_no_markup_of_data():
    text = page().decode()
    for way in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("):
        assert way not in text
