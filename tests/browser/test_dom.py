"""The DOM binding, in a real Chromium, over the compiled core."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route

from capsule.compiler.build import build

PAGE = """<!doctype html><title>dom</title><div id=card><p class=title></p><a class=link></a><input class=edit><input
type=checkbox class=done></div><p class=count></p><ul id=list><li id=head>Tasks</li></ul><script type=module>
import * as capsule from "/capsule.js";
const [card, list] = ["card", "list"].map((id) => document.getElementById(id));
Object.assign(window, capsule, { card, list });
window.row = (task) => {
  const li = document.createElement("li");
  li.append(document.createElement("b"), document.createElement("input"));
  bind(li, task, { b: "title", "": { attr: { "data-id": "id" } } });
  return li;
};
window.ids = () => [...list.querySelectorAll("li[data-id]")].map((li) => li.dataset.id).join(" ");
window.tasks = (...names) => new Collection(names.map((id, at) => ({ id, title: "task " + id, at })));
</script>"""

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def core(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("core")
    build(None, out)
    return out


@pytest.fixture(scope="module")
def document(browser: Browser, core: Path) -> Iterator[Page]:
    def answer(route: Route) -> None:
        path = route.request.url.removeprefix("http://capsule.test/")
        if path == "":
            route.fulfill(body=PAGE, content_type="text/html")
        elif path.endswith(".js"):
            route.fulfill(body=(core / path).read_text(), content_type="text/javascript")
        else:
            route.fulfill(status=404)

    page = browser.new_page()
    page.route("**/*", answer)
    yield page
    page.close()


@pytest.fixture
def page(document: Page) -> Iterator[Page]:
    """A fresh document; an uncaught error in it fails the test."""
    errors: list[str] = []

    def note(error: Any) -> None:
        errors.append(str(error))

    document.on("pageerror", note)
    document.goto("http://capsule.test/")
    document.wait_for_function("window.tasks")
    yield document
    document.remove_listener("pageerror", note)
    assert errors == []


def test_text_follows_the_attribute_and_markup_stays_text(page: Page) -> None:
    shown = page.evaluate("""() => {
        const task = new Model({title: "<img src=x onerror=alert(1)>"});
        bind(card, task, {".title": "title"});
        const first = [card.querySelector(".title").textContent, card.querySelectorAll("img").length];
        task.set({title: "second"});
        const second = card.querySelector(".title").textContent;
        task.unset("title");
        return [first, second, card.querySelector(".title").textContent];
    }""")
    assert shown == [["<img src=x onerror=alert(1)>", 0], "second", ""]


def test_classes_attributes_and_properties_follow_and_computed_sources_run_at_every_change(
    page: Page,
) -> None:
    states = page.evaluate("""() => {
        const task = new Model({done: false, id: "T1", owner: "ann"});
        bind(card, task, {
            "": {
                class: {done: "done", mine: (t) => t.get("owner") === "ann"},
                attr: {"data-id": "id", "aria-busy": "busy"},
            },
            ".done": {checked: "done", disabled: (t) => t.get("owner") !== "ann"},
            ".title": {hidden: "done"},
        });
        const [title, box] = [card.querySelector(".title"), card.querySelector(".done")];
        const state = () => [card.className, card.dataset.id, card.getAttribute("aria-busy"),
            box.checked, box.disabled, title.hidden];
        const before = state();
        task.set({done: true, owner: "bob", busy: true});
        const after = state();
        task.set({busy: false});
        return [before, after, state()];
    }""")
    assert states == [
        ["mine", "T1", None, False, False, False],
        ["done", "T1", "", True, True, True],
        ["done", "T1", None, True, True, True],
    ]


@pytest.mark.parametrize("name", ["onclick", "ONERROR", "style", "srcdoc"])
def test_attributes_that_run_code_are_refused(page: Page, name: str) -> None:
    message = page.evaluate(
        """(name) => {
            try { bind(card, new Model({x: "1"}), {"": {attr: {[name]: "x"}}}); }
            catch (error) { return error.message; }
        }""",
        name,
    )
    assert message.startswith(f'bind: the attribute "{name}"')


def test_a_link_takes_only_harmless_schemes(page: Page) -> None:
    links = page.evaluate("""() => {
        const task = new Model({url: "https://example.org/"});
        bind(card, task, {".link": {attr: {href: "url"}}});
        const urls = ["/a?b=1", " javascript:alert(1)", "java\\nscript:alert(1)", "data:text/html,x",
            "mailto:a@b.c", "http://["];
        return urls.map((url) => { task.set({url}); return card.querySelector(".link").getAttribute("href"); });
    }""")
    assert links == ["/a?b=1", None, None, None, "mailto:a@b.c", None]


def test_a_selector_or_a_kind_that_means_nothing_throws(page: Page) -> None:
    messages = page.evaluate("""() => [{".titel": "title"}, {".title": {txt: "title"}}].map((bindings) => {
        try { bind(card, new Model(), bindings); } catch (error) { return error.message; }
    })""")
    assert messages == [
        'bind: nothing matches ".titel" in <div>.',
        'bind: "txt" is not one of text, value, checked, disabled, hidden, class, attr.',
    ]


def test_what_a_user_types_is_not_overwritten_until_the_focus_leaves(page: Page) -> None:
    page.evaluate(
        "() => { window.task = new Model({title: 'one'}); bind(card, task, {'.edit': {value: 'title'}}); }"
    )
    value = "document.querySelector('.edit').value"
    page.focus(".edit")
    page.evaluate("task.set({title: 'two'})")
    assert page.evaluate(value) == "two", "a focused field that was not touched follows"
    page.keyboard.type("!")
    page.evaluate("task.set({title: 'three'})")
    page.evaluate("task.set({title: 'four'})")
    assert page.evaluate(value) == "two!"
    page.evaluate("document.activeElement.blur()")
    assert page.evaluate(value) == "four"


def test_a_field_that_is_no_longer_bound_keeps_what_was_typed(page: Page) -> None:
    page.evaluate("""() => {
        window.task = new Model({title: "one"});
        window.unbind = bind(card, task, {".edit": {value: "title"}});
    }""")
    page.focus(".edit")
    page.keyboard.type("!")
    page.evaluate("() => { task.set({title: 'two'}); unbind(); document.activeElement.blur(); }")
    assert page.input_value(".edit").endswith("!")


def test_unbinding_takes_off_only_its_own_handlers_and_may_be_repeated(page: Page) -> None:
    result = page.evaluate("""() => {
        const task = new Model({title: "a"}), log = [];
        task.on("change:title", () => log.push("own"));
        const first = bind(card, task, {".title": "title"});
        const second = bind(card, task, {".link": "title"});
        first(); first();
        task.set({title: "b"});
        second();
        task.set({title: "c"});
        return [card.querySelector(".title").textContent, card.querySelector(".link").textContent, log.length];
    }""")
    assert result == ["a", "b", 2]


def test_a_collection_can_be_bound_for_what_is_computed_from_it(page: Page) -> None:
    counts = page.evaluate("""() => {
        const all = tasks("a", "b"), shown = [];
        const count = document.querySelector(".count");
        bind(document.body, all, {".count": (c) => c.length + " tasks"});
        shown.push(count.textContent);
        all.add({id: "c"}); shown.push(count.textContent);
        all.remove("a"); shown.push(count.textContent);
        all.reset(); shown.push(count.textContent);
        return shown;
    }""")
    assert counts == ["2 tasks", "3 tasks", "2 tasks", "0 tasks"]


def test_rows_follow_add_remove_and_reset_and_leave_the_other_children_alone(page: Page) -> None:
    seen = page.evaluate("""() => {
        const all = tasks("a", "b"), seen = [];
        each(list, all, row); seen.push(ids());
        all.add({id: "c"}, {at: 0}); seen.push(ids());
        all.remove("a"); seen.push(ids());
        all.reset([{id: "x"}]); seen.push(ids());
        return [seen, list.firstElementChild.id];
    }""")
    assert seen == [["a b", "c a b", "c b", "x"], "head"]


def test_a_row_that_moves_is_the_same_element_and_the_focused_one_keeps_the_focus(page: Page) -> None:
    """Every order of five rows, with the focus in each: no row is rendered again, focus and caret stay."""
    wrong = page.evaluate("""() => {
        const names = ["a", "b", "c", "d", "e"], wrong = [];
        const permutations = (left) => left.length === 0 ? [[]]
            : left.flatMap((one) => permutations(left.filter((other) => other !== one)).map((rest) => [one, ...rest]));
        const all = tasks(...names);
        all.comparator = "at";
        let rendered = 0;
        each(list, all, (task) => { rendered += 1; return row(task); });
        const of = (id) => list.querySelector(`li[data-id=${id}]`);
        const before = Object.fromEntries(names.map((id) => [id, of(id)]));
        for (const focused of names) for (const order of permutations(names)) {
            const field = of(focused).querySelector("input");
            field.value = "hello"; field.focus(); field.setSelectionRange(1, 3);
            order.forEach((id, at) => all.get(id).set({at}));
            all.sort();
            if (ids() !== order.join(" ")) wrong.push([focused, order, ids()]);
            const kept = document.activeElement === field && field.selectionStart === 1;
            if (!kept) wrong.push([focused, order, "focus lost"]);
        }
        if (rendered !== 5 || names.some((id) => of(id) !== before[id])) wrong.push("rendered again");
        return wrong;
    }""")
    assert wrong == []


@pytest.mark.parametrize(("source", "target"), [(0, 199), (199, 0), (50, 150)])
def test_moving_one_row_of_200_moves_at_most_two_nodes(page: Page, source: int, target: int) -> None:
    moved = page.evaluate(
        """async ([from, to]) => {
            const all = tasks(...Array.from({length: 200}, (_, n) => "t" + n));
            all.comparator = "at";
            each(list, all, row);
            const observer = new MutationObserver(() => {});
            observer.observe(list, {childList: true});
            all.at(from).set({at: from < to ? to + 0.5 : to - 0.5});
            all.sort();
            return observer.takeRecords().filter((record) => record.addedNodes.length).length;
        }""",
        [source, target],
    )
    assert 1 <= moved <= 2


def test_filter_and_order_are_asked_again_at_each_change(page: Page) -> None:
    seen = page.evaluate("""() => {
        const all = tasks("a", "b", "c"), seen = [];
        each(list, all, row, {filter: (t) => !t.get("done"), order: (x, y) => y.get("at") - x.get("at")});
        seen.push(ids());
        all.get("b").set({done: true}); seen.push(ids());
        all.get("a").set({at: 9}); seen.push(ids());
        all.get("b").set({done: false}); seen.push(ids());
        return seen;
    }""")
    assert seen == ["c b a", "c a", "a c", "a c b"]


def test_a_row_that_leaves_is_released_with_everything_bound_below_it(page: Page) -> None:
    handlers = page.evaluate("""() => {
        const all = tasks("a", "b"), inner = tasks("x"), log = [];
        const task = all.get("a");
        each(list, all, (model) => {
            const li = row(model);
            const ul = document.createElement("ul");
            li.append(ul);
            each(ul, inner, (one) => {
                const item = document.createElement("li");
                bind(item, one, {"": (m) => { log.push(m.id); return m.id; }});
                return item;
            });
            return li;
        });
        const before = log.length;
        const element = list.querySelector("li[data-id=a] b");
        all.remove("a");
        task.set({title: "unseen"});
        inner.get("x").set({title: "changed"});
        return [before, log.length, element.textContent];
    }""")
    assert handlers == [2, 3, "task a"]


def test_unbinding_each_removes_its_rows_and_ends_its_updates(page: Page) -> None:
    seen = page.evaluate("""() => {
        const all = tasks("a");
        const unbind = each(list, all, row);
        unbind();
        all.add({id: "b"});
        return [ids(), list.children.length, list.childNodes.length];
    }""")
    assert seen == ["", 1, 1]


def test_the_model_of_a_row_is_found_from_any_node_in_it(page: Page) -> None:
    found = page.evaluate("""() => {
        const all = tasks("a", "b");
        each(list, all, row);
        return [modelOf(list.querySelector("li[data-id=b] b").firstChild).id, modelOf(list), modelOf(null)];
    }""")
    assert found == ["b", None, None]
