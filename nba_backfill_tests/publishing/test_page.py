"""The page in a real browser, over hand-made documents: what a person reads, and how he moves."""

import json
import os
import re

import pytest

from nba_backfill.publishing.site import page
from nba_backfill_tests.publishing import page_documents as league
from nba_backfill_tests.publishing.browser import (
    ARROW_LEFT,
    END,
    ENTER,
    TAB,
    Reader,
    chromium,
    served,
)

pytestmark = pytest.mark.slow

NONE, MINUS = "\N{EN DASH}", "\N{MINUS SIGN}"
PLAYED = "2026-01-09"
ROUTES = [
    "",
    f"#/day/{PLAYED}/picks",
    f"#/day/{PLAYED}/predictions",
    f"#/day/{PLAYED}/results",
    f"#/day/{league.BOOTSTRAP}/picks",
    f"#/day/{league.BOOTSTRAP}/predictions",
    f"#/day/{league.BOOTSTRAP}/results",
    f"#/day/{league.NO_GAMES}/picks",
    f"#/day/{league.NEWEST}/results",
    "#/tonight",
    "#/systems",
    "#/streaks",
    "#/trends",
    "#/trends/bounce-back",
    "#/trends/plays",
    "#/trends/quick-hits",
    "#/trends/what-matters",
    "#/trends/teams",
    "#/trends/deep-dive",
    "#/players",
    "#/players/playerb",
    "#/players/playerd",
    "#/players/playerk",
    "#/players/nobody",
    "#/day/2026-13-45/picks",
    "#/day/yesterday",
    "#/%E0%A4%A",
    "#/constructor",
]


DRAWN = "return document.querySelector('svg[role=img] .axis') !== null"
TABS = ("picks", "predictions", "results")
TRENDS = [route for route in ROUTES if route.startswith("#/trends")]


@pytest.fixture(scope="module")
def driver(tmp_path_factory):
    with chromium(tmp_path_factory.mktemp("profile")) as running:
        yield running


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("site")
    league.write_documents(made)
    (made / "index.html").write_bytes(page())
    return made


@pytest.fixture(scope="module")
def base(folder):
    with served(folder) as address:
        yield address


@pytest.fixture
def reader(driver, base):
    found = Reader(driver, base)
    found.screen(1280)
    return found


def test_every_address_can_be_opened_without_an_error_and_fits_a_phone(reader):
    reader.screen(360)
    for route in ROUTES:
        reader.visit(route)
        assert reader.log() == [], route
        assert reader.text("h1") in reader.run("return document.title"), route
        assert_nothing_is_wider_than(360, reader, route)


def test_every_view_can_be_reached_from_another_and_fits_a_desk(reader):
    reader.visit()
    for route in ROUTES[1:]:
        reader.go(route)
        assert reader.text("h1") in reader.run("return document.title"), route
        assert_nothing_is_wider_than(1280, reader, route)
    assert reader.log() == []


def assert_nothing_is_wider_than(width, reader, route):
    wide, inner = reader.run("return [document.documentElement.scrollWidth, innerWidth]")
    assert wide <= inner == width, route


def test_it_opens_on_the_newest_game_date(reader):
    text = reader.visit()
    assert reader.text("h1") == "Saturday, January 10, 2026"
    assert "Not played yet" in text
    assert "Pending" in text


def test_previous_next_and_the_date_picker_lead_from_game_date_to_game_date(reader):
    reader.visit("#/day/2025-12-26/results")
    assert "Dec 24" in reader.text("#prev"), "25 December has no games"
    reader.run("document.getElementById('next').click()")
    reader.settled()
    assert reader.run("return location.hash") == "#/day/2025-12-27/results"
    reader.run(
        "const p = document.getElementById('pick-day'); p.value = '2025-12-25';"
        "p.dispatchEvent(new Event('change'))"
    )
    text = reader.go("#/day/2025-12-25/results")
    assert "no games, or not exported yet" in text
    assert "Dec 24, 2025 and Dec 26, 2025" in text


def test_the_first_and_the_last_date_have_no_way_beyond(reader):
    reader.visit(f"#/day/{league.BOOTSTRAP}/picks")
    assert reader.run("return document.getElementById('prev').ariaDisabled") == "true"
    reader.visit()
    assert reader.run("return document.getElementById('next').hasAttribute('href')") is False


def test_picks_and_their_results_are_words_with_marks_beside_the_figures(reader):
    text = reader.visit(f"#/day/{PLAYED}/picks")
    expected = league.best_bets(league.dt.date.fromisoformat(PLAYED))["picks"]
    assert len(reader.texts("tbody tr")) == len(expected)
    first = reader.texts("tbody tr")[0]
    assert expected[0]["player_full_name"] in first
    assert f"{expected[0]['line']:.1f}" in first
    assert {"✓ Won", "✗ Lost"} & set(text.replace("\t", "\n").split("\n"))


def test_results_show_every_outcome_and_zero_is_a_value(reader):
    reader.visit(f"#/day/{PLAYED}/results")
    reader.run("document.getElementById('rows-all').click()")
    rows = league.results(league.dt.date.fromisoformat(PLAYED))["results"]
    shown = reader.texts("#view table:first-of-type tbody tr")
    assert len(reader.texts("#view .scroll:nth-of-type(1) tbody tr")) >= len(rows)
    assert any("Void" in row for row in shown)
    assert MINUS in reader.text(".tiles"), "a negative bias has a minus sign"


@pytest.mark.parametrize(
    ("tab", "said"),
    [
        ("picks", "There are no picks of this day."),
        ("predictions", "There are no predictions of this day."),
        ("results", "Nothing was graded on this day"),
    ],
)
def test_an_empty_date_says_so_in_words(reader, tab, said):
    text = reader.visit(f"#/day/{league.BOOTSTRAP}/{tab}")
    assert said in text
    assert "first 14 days of a season" in text


def test_a_missing_document_is_told_and_offers_the_way_back(reader):
    text = reader.visit(f"#/day/{league.LOST}/results")
    assert f"v1/results/{league.LOST}.json is not published here" in re.sub(r"\s+", " ", text)
    way = reader.run("return document.querySelector('.note a').getAttribute('href')")
    assert way == "#/day/2026-01-04/results"
    assert len(reader.log()) == 1, "only the browser's own line about the lost document"


def test_what_the_list_does_not_name_is_not_asked_for(reader):
    text = reader.visit(f"#/day/{league.NEWEST}/results")
    assert "they come once its games are played and graded" in text
    reader.visit("#/players/playerk")
    assert "too few predicted games" in reader.text("main")
    assert "/v1/players/playerk.json" not in reader.fetched()


def test_names_are_shown_as_they_are_written_and_never_become_markup(reader):
    for route in (
        f"#/day/{PLAYED}/results",
        "#/streaks",
        "#/players",
        "#/players/playerd",
        "#/trends/what-matters",
    ):
        assert league.MARKUP in reader.visit(route), route
        assert reader.run("return document.querySelectorAll('img').length") == 0
    assert reader.log() == []


def test_a_system_s_season_is_a_curve_of_error_or_win_rate(reader):
    reader.visit("#/systems")
    assert len(reader.texts(".legend li")) == len(league.SYSTEMS)
    label = reader.run("return document.querySelector('svg[role=img]').ariaLabel")
    assert "Mean absolute error" in label
    assert "CatBoost 5." in label
    reader.run("document.getElementById('metric-win_rate').click()")
    label = reader.run("return document.querySelector('svg[role=img]').ariaLabel")
    assert "Share of decided picks that won" in label
    reader.until(DRAWN)
    assert "break-even" in reader.run("return document.querySelector('svg[role=img]').textContent")
    dashes = reader.run(
        "return [...document.querySelectorAll('.legend path')].map(p => p.getAttribute('stroke-dasharray'))"
    )
    assert len(set(dashes)) == len(league.SYSTEMS), "told apart without colours"


def test_the_curve_is_the_weighted_mean_of_the_days(reader):
    reader.visit("#/systems")
    reader.until(DRAWN)
    reader.run("document.querySelector('svg[role=img]').focus()")
    reader.press(END)
    days = league.history()["systems"][0]["days"]
    mean = sum(d["mae"] * d["predictions"] for d in days) / sum(d["predictions"] for d in days)
    assert f"CatBoost {mean:.2f}" in reader.text(".readout")


def test_the_windows_of_a_system_s_record_can_be_chosen(reader):
    reader.visit("#/systems")
    reader.run("document.getElementById('window-last_7_days').click()")
    row = next(row for row in reader.texts("tbody tr") if row.startswith("CatBoost 9"))
    assert NONE in row, "a window without predictions has no rate"


def test_a_player_s_games_stand_against_his_line_in_colour_and_shape(reader):
    text = reader.visit("#/players/playerb")
    log = league.players()["players/playerb.json"]["game_log"]
    over = sum(game["over_under"] == "OVER" for game in log)
    under = sum(game["over_under"] == "UNDER" for game in log)
    assert f"Over the line ({over})" in text
    assert f"Under ({under})" in text
    reader.until(DRAWN)
    bars = reader.run(
        "return [...document.querySelectorAll('figure > svg > rect')].map(r => r.getAttribute('fill'))"
    )
    assert bars.count("var(--over)") == over
    assert bars.count("url(#hatch)") == under
    assert len(bars) == len(log)
    triangles = "return document.querySelectorAll('figure > svg > path[fill^=\"var(--\"]').length"
    assert reader.run(triangles) == over + under


def test_arrow_keys_read_single_games_of_the_chart(reader):
    reader.visit("#/players/playerb")
    reader.until(DRAWN)
    reader.run("document.querySelector('svg[role=img]').focus()")
    reader.press(END)
    newest = league.players()["players/playerb.json"]["game_log"][0]
    assert f"{newest['points']} points" in reader.text(".readout")
    assert "Jan 9, 2026" in reader.text(".readout")
    reader.press(ARROW_LEFT)
    assert "Jan 8, 2026" in reader.text(".readout")


def test_a_table_is_sorted_by_its_heads_with_the_unknown_last(reader):
    reader.visit("#/players/playerb")
    sort = (
        "const heads = [...document.querySelectorAll('thead button')];"
        "const line = heads.find(b => b.innerText === 'Line'); line.click();"
        "return line.closest('th').ariaSort"
    )
    assert reader.run(sort) == "descending"
    cells = reader.texts("figure + .scroll tbody td:nth-child(3)")
    lines = [float(cell) for cell in cells if cell != NONE]
    assert lines == sorted(lines, reverse=True)
    assert cells[-1] == NONE
    assert reader.run(sort) == "ascending"
    assert reader.texts("figure + .scroll tbody td:nth-child(3)")[-1] == NONE


def test_players_are_found_by_name_and_team(reader):
    reader.visit("#/players")
    find = "const f = document.getElementById('find'); f.value = arguments[0]; f.dispatchEvent(new Event('input'))"
    reader.run(find, "player b")
    assert len(reader.texts("tbody tr")) == 1
    reader.run(find, "den")
    assert len(reader.texts("tbody tr")) == 3
    reader.run(find, "zz")
    assert "No player matches “zz”" in reader.text("main")


def test_the_keyboard_reaches_everything_and_its_place_is_seen(reader):
    reader.visit()
    assert reader.press(TAB) == "skip"
    box = reader.run("return document.activeElement.getBoundingClientRect().left")
    assert box >= 0, "the skip link shows when it has the focus"
    assert reader.press(ENTER) == "main"
    assert reader.run("return location.hash") == "", "skipping is no navigation"
    assert reader.press(TAB) == "prev"
    outline = reader.run("return getComputedStyle(document.activeElement).outlineWidth")
    assert float(outline.removesuffix("px")) >= 2
    reader.press(ENTER)
    reader.settled()
    assert reader.text("h1") == "Friday, January 9, 2026"
    assert reader.run("return document.activeElement.id") == "prev", "ready for the next step back"


def test_after_a_link_the_heading_has_the_focus_and_the_change_is_said(reader):
    reader.visit()
    reader.run(
        "const a = document.querySelector('#menu a[data-view=streaks]'); a.focus(); a.click()"
    )
    reader.settled()
    assert reader.run("return document.activeElement.tagName") == "H1"
    assert "2 over, 1 under" in reader.run("return document.getElementById('status').textContent")
    assert reader.run("return document.getElementById('status').ariaLive") == "polite"
    assert (
        reader.run("return document.querySelector('#menu [aria-current]').innerText") == "Streaks"
    )


def test_the_page_has_landmarks_and_its_tables_have_heads(reader):
    for route in [*ROUTES[1:4], "#/systems", "#/players/playerb", "#/trends/teams"]:
        reader.visit(route)
        for landmark in ("header", "nav", "main", "footer", "h1"):
            assert (
                reader.run("return document.querySelectorAll(arguments[0]).length", landmark) >= 1
            )
        assert reader.run("return document.querySelectorAll('h1').length") == 1
        bare = reader.run(
            "return [...document.querySelectorAll('table')].filter(t => !t.caption || !t.caption.textContent"
            " || [...t.tHead.rows[0].cells].some(c => c.scope !== 'col')"
            " || [...t.tBodies[0].rows].some(r => r.cells[0].scope !== 'row')).length"
        )
        assert bare == 0, route
        unlabelled = reader.run(
            "return [...document.querySelectorAll('input')].filter(i => !i.labels.length).length"
        )
        assert unlabelled == 0, route


def test_numbers_stand_to_the_right(reader):
    reader.visit(f"#/day/{PLAYED}/results")
    aligned = reader.run(
        "return [...new Set([...document.querySelectorAll('.n')].map(c => getComputedStyle(c).textAlign))]"
    )
    assert aligned == ["right"]


TEXTS = ("--text", "--muted", "--link", "--win", "--loss", "--push")
SHAPES = ("--over", "--under", "--focus", *(f"--curve-{n}" for n in range(7)))
SURFACES = ("--bg", "--surface", "--mark")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_can_be_read_in_both_schemes(reader, scheme):
    reader.screen(1280, scheme)
    reader.visit()
    tokens = {
        name: reader.run(
            "return getComputedStyle(document.documentElement).getPropertyValue(arguments[0])", name
        ).strip()
        for name in (*TEXTS, *SURFACES, *SHAPES)
    }
    for text in TEXTS:
        for surface in SURFACES:
            assert contrast(tokens[text], tokens[surface]) >= 4.5, (text, surface)
    for shape in SHAPES:
        assert contrast(tokens[shape], tokens["--bg"]) >= 3, shape


def test_a_scheme_that_changes_while_the_page_is_open_repaints_the_curves(reader):
    reader.visit("#/systems")
    colour = "return getComputedStyle(document.querySelector('.legend path')).stroke"
    before = reader.run(colour)
    reader.screen(1280, "dark")
    assert reader.run(colour) != before


def test_a_document_that_is_cut_off_is_told_and_can_be_tried_again(reader, folder):
    place = folder / "v1" / "streaks" / "today.json"
    whole, later = place.read_bytes(), place.stat().st_mtime_ns + 60 * 10**9
    try:
        place.write_bytes(whole[:100])
        os.utime(place, ns=(later, later))
        assert "v1/streaks/today.json is not a whole JSON document" in reader.visit("#/streaks")
    finally:
        place.write_bytes(whole)
        # The server says of the same moment that nothing changed: the browser's copy stays cut off.
        os.utime(place, ns=(later, later))
    reader.run("document.querySelector('.note button').click()")
    reader.settled()
    assert reader.text("h1") == "Streaks"


def test_without_a_list_of_documents_the_page_says_what_is_missing(reader, driver, tmp_path):
    (tmp_path / "index.html").write_bytes(page())
    with served(tmp_path) as address:
        text = Reader(driver, address).visit()
    assert "Nothing is published here yet" in text
    assert "v1/index.json" in text


def test_it_works_in_any_folder_of_a_bucket(driver, folder, tmp_path):
    (tmp_path / "some" / "bucket").mkdir(parents=True)
    (tmp_path / "some" / "bucket" / "site").symlink_to(folder)
    with served(tmp_path) as address:
        reader = Reader(driver, f"{address}/some/bucket/site")
        assert "Pending" in reader.visit()
        assert reader.log() == []


def test_the_exporters_own_documents_of_the_demo_league_are_all_shown(driver, demo_warehouse):
    folder = demo_warehouse.warehouse.files.folder
    published = json.loads((folder / "v1" / "index.json").read_text())
    with served(folder) as address:
        reader = Reader(driver, address)
        reader.screen(360)
        views = ["#/systems", "#/streaks", "#/tonight", *TRENDS, "#/players"]
        views += [f"#/players/{name}" for name in players_in(published)[:3]]
        days = published["dated"]["results"]
        views += [f"#/day/{day}/{tab}" for day in (days[0], days[-1]) for tab in TABS]
        for route in views:
            text = reader.visit(route)
            assert reader.log() == [], route
            assert "cannot be" not in text, route
            assert_nothing_is_wider_than(360, reader, route)
        said = json.loads((folder / "v1" / "results" / f"{days[-1]}.json").read_text())
        reader.visit(f"#/day/{days[-1]}/results")
        reader.run("document.getElementById('rows-all')?.click()")
        assert len(reader.texts("#view div > .scroll:only-child tbody tr")) == len(said["results"])


def players_in(published):
    paths = (path.split("/") for path in published["documents"])
    names = [path[1].removesuffix(".json") for path in paths if path[0] == "players"]
    return [name for name in names if name != "index"]


def contrast(one, other):
    """Ratio of two colours' luminances, as WCAG 2 defines it."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour):
    channels = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
