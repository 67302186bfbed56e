"""What Slack's Block Kit refuses, in Slack's words: `problems(blocks)` is empty when Slack would take them."""

import json
from collections.abc import Callable, Iterator
from typing import Any

Json = dict[str, Any]
Problem = str
"""`must be less than 151 characters [json-pointer:/blocks/0/text/text]`, as Slack words it."""

MESSAGE_BLOCKS, VIEW_BLOCKS = 50, 100
ALL_BLOCKS_CHARACTERS = 13_200
"""More JSON than this in one message is `msg_blocks_too_long`; Slack does not document it, people measured it."""

PROPERTIES = {
    "section": {"text", "fields", "accessory", "expand"},
    "header": {"text", "level"},
    "context": {"elements"},
    "divider": set[str](),
    "actions": {"elements"},
    "image": {"image_url", "alt_text", "title", "slack_file"},
    "input": {"label", "element", "hint", "optional", "dispatch_action"},
    "markdown": {"text"},
    "rich_text": {"elements"},
    "table": {"rows", "column_settings"},
}
REQUIRED = {
    "header": ("text",),
    "context": ("elements",),
    "actions": ("elements",),
    "image": ("alt_text",),
    "input": ("label", "element"),
    "markdown": ("text",),
    "rich_text": ("elements",),
    "table": ("rows",),
}
BUTTON = {"type", "text", "action_id", "url", "value", "style", "confirm", "accessibility_label"}
MENUS = {f"{many}{kind}_select" for many in ("", "multi_") for kind in ("static", "external", "users", "conversations", "channels")}
INTERACTIVE = {"button", "overflow", "checkboxes", "radio_buttons", "datepicker", "timepicker", "datetimepicker"} | MENUS
INPUTS = (INTERACTIVE - {"button", "overflow"}) | {
    "plain_text_input",
    "email_text_input",
    "url_text_input",
    "number_input",
    "rich_text_input",
}


def problems(blocks: object, *, at: str = "/blocks", most: int = MESSAGE_BLOCKS) -> list[Problem]:
    """All that Slack would find wrong with these blocks, in reading order."""
    if not isinstance(blocks, list):
        return [_problem("must be an array", at)]
    if len(blocks) > most:
        return [_problem(f"no more than {most} items allowed", at)]
    found = [problem for n, block in enumerate(blocks) for problem in _block(block, f"{at}/{n}")]
    return found or [*_repeated(blocks, at)]


def too_long(blocks: list[Json]) -> bool:
    """Together they are more than one message takes."""
    return len(json.dumps(blocks, ensure_ascii=False, separators=(",", ":"))) > ALL_BLOCKS_CHARACTERS


def _block(block: object, at: str) -> Iterator[Problem]:
    if not isinstance(block, dict) or not isinstance(block.get("type"), str):
        yield _problem("missing required field: type", at)
        return
    kind = block["type"]
    if kind not in PROPERTIES:
        yield _problem(f"unsupported type: {kind}", f"{at}/type")
        return
    yield from _properties(block, PROPERTIES[kind] | {"type", "block_id"}, REQUIRED.get(kind, ()), at)
    yield from _length(block, "block_id", 255, at)
    yield from CONTENTS.get(kind, _nothing)(block, at)


def _nothing(_block: Json, _at: str) -> Iterator[Problem]:
    yield from ()


def _section(block: Json, at: str) -> Iterator[Problem]:
    if "text" not in block and "fields" not in block:
        yield _problem("missing required field: text or fields", at)
    if "text" in block:
        yield from _text(block["text"], 3000, f"{at}/text")
    if "fields" in block:
        yield from _count(block["fields"], 10, f"{at}/fields")
    for n, field in enumerate(_listed(block.get("fields"))):
        yield from _text(field, 2000, f"{at}/fields/{n}")
    if "accessory" in block:
        yield from _element(block["accessory"], INTERACTIVE | {"image"}, f"{at}/accessory")


def _header(block: Json, at: str) -> Iterator[Problem]:
    yield from _text(block.get("text"), 150, f"{at}/text", plain=True)


def _context(block: Json, at: str) -> Iterator[Problem]:
    elements = block.get("elements", [])
    yield from _count(elements, 10, f"{at}/elements")
    for n, element in enumerate(_listed(elements)):
        where = f"{at}/elements/{n}"
        if isinstance(element, dict) and element.get("type") == "image":
            yield from _element(element, {"image"}, where)
        else:
            yield from _text(element, 3000, where)


def _actions(block: Json, at: str) -> Iterator[Problem]:
    elements = block.get("elements", [])
    yield from _count(elements, 25, f"{at}/elements")
    for n, element in enumerate(_listed(elements)):
        yield from _element(element, INTERACTIVE, f"{at}/elements/{n}")


def _input(block: Json, at: str) -> Iterator[Problem]:
    yield from _text(block.get("label"), 2000, f"{at}/label", plain=True)
    if "hint" in block:
        yield from _text(block["hint"], 2000, f"{at}/hint", plain=True)
    yield from _element(block.get("element"), INPUTS, f"{at}/element")


def _markdown(block: Json, at: str) -> Iterator[Problem]:
    yield from _length(block, "text", 12_000, at)


def _table(block: Json, at: str) -> Iterator[Problem]:
    rows = block.get("rows", [])
    yield from _count(rows, 100, f"{at}/rows")
    for n, row in enumerate(_listed(rows)):
        yield from _count(row, 20, f"{at}/rows/{n}")


CONTENTS: dict[str, Callable[[Json, str], Iterator[Problem]]] = {
    "section": _section,
    "header": _header,
    "context": _context,
    "actions": _actions,
    "input": _input,
    "markdown": _markdown,
    "table": _table,
}


def _element(element: object, allowed: set[str], at: str) -> Iterator[Problem]:
    if not isinstance(element, dict) or not isinstance(element.get("type"), str):
        yield _problem("missing required field: type", at)
        return
    kind = element["type"]
    if kind not in allowed:
        yield _problem(f"unsupported type: {kind}", f"{at}/type")
        return
    yield from _length(element, "action_id", 255, at)
    if kind == "button":
        yield from _button(element, at)
    if kind == "image" and not element.get("alt_text"):
        yield _problem("missing required field: alt_text", at)
    if "placeholder" in element:
        yield from _text(element["placeholder"], 150, f"{at}/placeholder", plain=True)
    yield from _options(element, at)


def _button(element: Json, at: str) -> Iterator[Problem]:
    yield from _properties(element, BUTTON, ("text",), at)
    if "text" in element:
        yield from _text(element["text"], 75, f"{at}/text", plain=True)
    yield from _length(element, "value", 2000, at)
    yield from _length(element, "url", 3000, at)
    if element.get("style", "primary") not in ("primary", "danger"):
        yield _problem("value must be one of primary, danger", f"{at}/style")


def _options(element: Json, at: str) -> Iterator[Problem]:
    if element["type"] in ("overflow", "static_select", "multi_static_select", "checkboxes", "radio_buttons"):
        options = element.get("options", element.get("option_groups"))
        if options is None:
            yield _problem("missing required field: options", at)
            return
        yield from _count(options, 100, f"{at}/options")


def _text(text: object, most: int, at: str, *, plain: bool = False) -> Iterator[Problem]:
    """A text object: its type, its length, nothing else in it."""
    if not isinstance(text, dict):
        yield _problem("must provide an object", at)
        return
    if text.get("type") not in (("plain_text",) if plain else ("plain_text", "mrkdwn")):
        yield _problem(f"unsupported type: {text.get('type')}", f"{at}/type")
    extra = {"emoji"} if text.get("type") == "plain_text" else {"verbatim"}
    yield from _properties(text, {"type", "text"} | extra, ("text",), at)
    if text.get("text") == "":
        yield _problem("must be more than 0 characters", f"{at}/text")
    yield from _length(text, "text", most, at)


def _properties(thing: Json, allowed: set[str], required: tuple[str, ...], at: str) -> Iterator[Problem]:
    for name in required:
        if name not in thing:
            yield _problem(f"missing required field: {name}", at)
    for name in sorted(set(thing) - allowed):
        yield _problem(f"invalid additional property: {name}", at)


def _length(thing: Json, name: str, most: int, at: str) -> Iterator[Problem]:
    value = thing.get(name)
    if value is None:
        return
    if not isinstance(value, str):
        yield _problem("must be a string", f"{at}/{name}")
    elif len(value) > most:
        yield _problem(f"must be less than {most + 1} characters", f"{at}/{name}")


def _count(things: object, most: int, at: str) -> Iterator[Problem]:
    if not isinstance(things, list):
        yield _problem("must be an array", at)
    elif not things:
        yield _problem("no fewer than 1 items allowed", at)
    elif len(things) > most:
        yield _problem(f"no more than {most} items allowed", at)


def _listed(things: object) -> list[Any]:
    return things if isinstance(things, list) else []


def _repeated(blocks: list[Json], at: str) -> Iterator[Problem]:
    """A block_id is unique in a message, an action_id in its block."""
    seen_blocks: set[str] = set()
    for n, block in enumerate(blocks):
        if block.get("block_id") in seen_blocks:
            yield _problem(f"`block_id` {block['block_id']!r} already exists for another block", f"{at}/{n}/block_id")
        seen_blocks.add(block.get("block_id") or f"#{n}")
        seen: set[str] = set()
        for m, element in enumerate(block.get("elements", []) if block["type"] == "actions" else []):
            action_id = element.get("action_id")
            if action_id in seen:
                where = f"{at}/{n}/elements/{m}/action_id"
                yield _problem(f"`action_id` {action_id!r} already exists for another element", where)
            seen.add(action_id or f"#{m}")


def _problem(what: str, at: str) -> Problem:
    return f"{what} [json-pointer:{at}]"
