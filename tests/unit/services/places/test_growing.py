"""The places in the text of an answer, in all the ways in which families write them."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vision_chat.services.places import _marks
from vision_chat.services.places.growing import MAX_CHARACTERS, GrowingPlaces, find_places
from vision_chat.services.places.place import MAX_PLACES, Place
from vision_chat.services.vision.family import Family, Frame, Places, families, family_called

UNKNOWN = Places()


def spec(family_id: str) -> Places:
    family = family_called(family_id)
    assert family is not None
    return family.places


def found(text: str, family_id: str) -> list[Place]:
    return find_places(text, spec(family_id))


def kettle(label: str = "kettle", frame: Frame | None = None) -> Place:
    return Place(45, 120, 388, 610, label, frame)


@pytest.mark.parametrize(
    "family", [each for each in families() if each.places.example], ids=lambda family: family.id
)
def test_the_example_of_every_family_is_read(family: Family) -> None:
    for example in family.places.example.split("  | "):
        places = find_places(example, family.places)
        assert places
        assert all(place.frame in (None, family.places.frame) for place in places)


@pytest.mark.parametrize(
    ("family_id", "text", "expected"),
    [
        ("qwen3-vl", '[{"bbox_2d": [45, 120, 388, 610], "label": "kettle"}]', kettle()),
        ("qwen3-vl", '```json\n[{"label": "kettle", "bbox_2d": [45, 120, 388, 610]}]\n```', kettle()),
        ("qwen3-vl", "It is at {'bbox': [45, 120, 388, 610], 'name': 'kettle'}, I think.", kettle()),
        ("qwen3-vl", '{"kettle": [45, 120, 388, 610]}', kettle()),
        ("qwen3-vl", '{"box": {"x1": 45, "y1": 120, "x2": 388, "y2": 610}, "class": "kettle"}', kettle()),
        ("qwen3-vl", '{"label": "kettle", "x": 45, "y": 120, "width": 343, "height": 490}', kettle()),
        ("qwen3-vl", '{"label": "kettle", "bbox": [[45, 120], [388, 610]]}', kettle()),
        ("qwen3-vl", '{"label": "kettle", "bbox": "45, 120, 388, 610"}', kettle()),
        ("qwen3-vl", '{"label": "kettle", "bbox_2d": [388, 610, 45, 120]}', kettle()),
        ("qwen3-vl", '{"point_2d": [210, 365], "label": "handle"}', Place(210, 365, 210, 365, "handle")),
        ("gemini-2", '[{"box_2d": [120, 45, 610, 388], "label": "kettle"}]', kettle()),
        ("gemini-3+", '{"boxes": [{"box_2d": [120, 45, 610, 388], "label": "kettle"}]}', kettle()),
        ("gemini-2", '[{"point": [365, 210], "label": "handle"}]', Place(210, 365, 210, 365, "handle")),
        ("claude-highres", "[[45, 120, 388, 610]]", kettle("")),
        ("claude-highres", "1. **Kettle**: [45, 120, 388, 610]", kettle("Kettle")),
        ("glm-v", "[[45,120,388,610]]", kettle("")),
        ("internvl", "<ref>kettle</ref><box>[[45, 120, 388, 610]]</box>", kettle(frame="thousandths")),
        ("internvl", "kettle[[45, 120, 388, 610]]", kettle()),
        ("deepseek-vl2", "<|ref|>kettle<|/ref|><|det|>[[45, 120, 388, 610]]<|/det|>", kettle(frame="0-999")),
        ("deepseek-vl2", "kettle[[45, 120, 388, 610]]", kettle()),
        (
            "qwen2-vl",
            "<|object_ref_start|>kettle<|object_ref_end|><|box_start|>(45,120),(388,610)<|box_end|>",
            kettle(frame="thousandths"),
        ),
        ("qwen2-vl", "kettle(45,120),(388,610)", kettle(frame="thousandths")),
        ("paligemma", "<loc0120><loc0045><loc0610><loc0388> kettle", kettle(frame="0-1024")),
        ("florence-2", "kettle<loc_45><loc_120><loc_388><loc_610>", kettle(frame="thousandths")),
        (
            "kosmos-2",
            "<phrase> a kettle</phrase><object><patch_index_0097><patch_index_0620></object>",
            Place(1, 3, 12, 19, "a kettle", "grid32"),
        ),
        (
            "molmo",
            '<point x="21.6" y="36.5" alt="handle">handle</point>',
            Place(21.6, 36.5, 21.6, 36.5, "handle", "percent"),
        ),
        (
            "molmo",
            ' <point x="21.6" y="36.5">the handle</point>.',
            Place(21.6, 36.5, 21.6, 36.5, "the handle", "percent"),
        ),
        (
            "moondream",
            '{"objects": [{"x_min": 0.045, "y_min": 0.12, "x_max": 0.388, "y_max": 0.61}]}',
            Place(0.045, 0.12, 0.388, 0.61),
        ),
        ("moondream", '{"points": [{"x": 0.21, "y": 0.365}]}', Place(0.21, 0.365, 0.21, 0.365)),
    ],
)
def test_a_place_is_read_as_its_family_writes_it(family_id: str, text: str, expected: Place) -> None:
    assert found(text, family_id) == [expected]


def test_several_points_have_the_number_of_their_picture() -> None:
    places = found('<points coords="1 1 308 305 2 752 377;2 1 100 200">kettles</points>', "molmo-2")
    assert [(place.left, place.top, place.image, place.label) for place in places] == [
        (308, 305, 1, "kettles"),
        (752, 377, 1, "kettles"),
        (100, 200, 2, "kettles"),
    ]


@pytest.mark.parametrize(
    ("field", "number"),
    [
        ('"image": 2', 2),
        ('"image_index": "3"', 3),
        ('"picture": "B"', 2),
        ('"image": "Image 4"', 4),
        ('"image": "x.png"', None),
    ],
)
def test_json_may_name_the_picture_by_number_or_letter(field: str, number: int | None) -> None:
    (place,) = found(f'{{"bbox_2d": [1, 2, 30, 40], {field}}}', "qwen3-vl")
    assert place.image == number


def test_each_of_several_places_has_its_label() -> None:
    text = "<loc0120><loc0045><loc0610><loc0388> kettle ; <loc0001><loc0002><loc0030><loc0040> cup"
    assert [place.label for place in found(text, "paligemma")] == ["kettle", "cup"]
    text = "kettle<loc_1><loc_2><loc_3><loc_4><loc_5><loc_6><loc_7><loc_8>cup<loc_1><loc_2><loc_3><loc_4>"
    assert [place.label for place in found(text, "florence-2")] == ["kettle", "kettle", "cup"]
    text = "cups: [[1, 2, 3, 4], [5, 6, 7, 8]]\nkettle: [[9, 10, 11, 12]]"
    assert [place.label for place in found(text, "internvl")] == ["cups", "cups", "kettle"]


@pytest.mark.parametrize(
    "text",
    [
        "See [1, 2, 3, 4] and [[1, 2, 3, 4]].",  # no family that writes boxes so
        '{"total": [1, 2, 3, 4]}',
        '[{"x": 2019, "y": 4.5}]',
        "a < b and (1,2),(3,4)",
    ],
)
def test_numbers_of_a_model_that_is_not_known_are_no_places(text: str) -> None:
    assert find_places(text, UNKNOWN) == []


def test_boxes_under_keys_are_places_of_every_model() -> None:
    assert find_places('{"bbox_2d": [1, 2, 30, 40]}', UNKNOWN) == [Place(1, 2, 30, 40)]
    assert find_places('{"box_2d": [2, 1, 40, 30]}', UNKNOWN) == [Place(1, 2, 30, 40)]  # as Gemini's


def test_code_is_not_read() -> None:
    code = '```python\nboxes = [[1, 2, 3, 4]]\nprint({"bbox_2d": [1, 2, 3, 4]})\n```\n'
    assert found(code, "claude-highres") == []
    assert found(f'{code}```json\n{{"bbox_2d": [1, 2, 30, 40]}}\n```', "qwen3-vl") == [Place(1, 2, 30, 40)]
    assert found('````\n```json\n{"bbox_2d": [1, 2, 30, 40]}\n```\n````', "qwen3-vl") == [Place(1, 2, 30, 40)]


@pytest.mark.parametrize(
    "numbers",
    [
        "[1, 2, 3]",
        "[1, 2, 1e999, 4]",
        "[NaN, 2, 3, 4]",
        "[1, 2, Infinity, 4]",
        "[5, 5, 5, 5]",
        "[1, 2, 99999999, 4]",
        "[]",
        "[[], {}]",
        '["a", 2, 3, 4]',
    ],
)
def test_what_is_no_box_is_left_out_and_the_next_one_read(numbers: str) -> None:
    text = f'[{{"bbox_2d": {numbers}, "label": "no"}}, {{"bbox_2d": [1, 2, 30, 40], "label": "yes"}}]'
    assert found(text, "qwen3-vl") == [Place(1, 2, 30, 40, "yes")]


PIECES = st.lists(
    st.sampled_from(
        [
            '[{"bbox_2d": [45, 120, 388, 610], "label": "kettle"}, ',
            '{"bbox_2d": [1, 2, 3, 4]}]',
            "```json\n",
            "```python\n",
            "```\n",
            "<ref>a</ref>",
            "<box>[[1, 2, 3, 4]]</box>",
            "<box>",
            "[[5, 6, 7, 8], [1,",
            " 2, 3, 4]]",
            "(1,2),(3,4)",
            "<loc0120><loc0045><loc0610><loc0388> cup ; ",
            "<loc_1><loc_2><loc_3><loc_4>",
            "<patch_index_0097><patch_index_0620>",
            '<point x="1.5" y="2" alt="p">',
            '<points coords="1 1 308 305">k</points>',
            '{"kettle": [1, 2, 3, 4]',
            "}",
            "]",
            '"',
            "'",
            "\\",
            "\n",
            "some words: ",
            "<",
            "(",
            "`",
            "NaN",
        ]
    ),
    max_size=24,
)
SPECS = st.sampled_from(
    [spec(name) for name in ("qwen3-vl", "internvl", "qwen2-vl", "gemini-2", "paligemma")]
)


@given(pieces=PIECES, spec=SPECS, seed=st.integers())
def test_a_text_that_grows_has_the_places_that_it_has_as_a_whole(
    pieces: list[str], spec: Places, seed: int
) -> None:
    text, chance = "".join(pieces), random.Random(seed)
    growing, position = GrowingPlaces(spec), 0
    before: list[Place] = []
    while position < len(text):
        end = position + chance.randint(1, 9)
        growing.feed(text[position:end])
        position = end
        assert growing.found[: len(before)] == before, "a place that is complete stays"
        before = list(growing.found)
    whole = GrowingPlaces(spec)
    whole.feed(text)
    assert growing.found == whole.found
    growing.finish()
    assert growing.found == find_places(text, spec)
    assert growing.found[: len(before)] == before


@given(text=st.text(alphabet="[]{}<>()\"'\\:,.-01x` \nae|_/", max_size=400))
def test_any_text_is_read_without_an_error(text: str) -> None:
    for family in ("qwen2-vl", "gemini-2"):
        assert all(place.left <= place.right for place in found(text, family))


def test_each_place_is_found_with_the_character_that_ends_it() -> None:
    growing, ends = GrowingPlaces(spec("qwen2-vl")), list[str]()
    text = '[{"bbox_2d": [1, 2, 3, 4], "label": "a \\"b\\""}]\n(1, 2) , (3.5,4) <point x="1" y="2" alt="c"/>.'
    for position, sign in enumerate(text, 1):
        growing.feed(sign)
        if len(growing.found) > len(ends):
            ends.append(text[:position][-3:])
    assert ends == ['""}', ",4)", '"/>']


def test_after_a_text_that_began_afresh_nothing_of_the_old_one_is_left() -> None:
    growing = GrowingPlaces(spec("qwen3-vl"))
    growing.feed('<ref>old</ref>```python\n[{"bbox_2d": [1, 2, 3, 4')
    growing.begin_afresh()
    growing.feed('{"bbox_2d": [1, 2, 30, 40]}')
    assert growing.found == [Place(1, 2, 30, 40)]


@pytest.mark.parametrize(
    "text",
    [
        '{"bbox_2d":[1,2,3,4]},' * 10_000,
        "[" * 1_000_000,
        '{"a":' * 200_000,
        "[]" * 500_000,
        '"' * 1_000_000,
        '["' * 500_000,
        '["' + "\\" * 1_000_000,
        "(1," * 300_000,
        "<points x1=" * 100_000,
        "<ref>" * 200_000,
        "```\n" * 250_000,
        "[1e999,NaN," * 90_000,
        "<loc_1>" * 140_000,
    ],
    ids=lambda text: text[:9],
)
def test_hostile_texts_cost_no_more_than_their_length(text: str) -> None:
    """As many steps as characters, at most: of time that the test itself measures nothing is asserted."""
    reads = CountingPlaces(spec("qwen2-vl"))
    for start in range(0, len(text), 10_000):
        reads.feed(text[start : start + 10_000])
    reads.finish()
    assert len(reads.found) <= MAX_PLACES
    assert reads.steps <= 2 * MAX_CHARACTERS


@pytest.mark.parametrize("size", [1, 4, 97])
@pytest.mark.parametrize(
    ("family_id", "text"),
    [
        ("molmo", "<points " + "a" * 7_000),
        ("molmo", "<points " + "a;" * 20_000),
        ("molmo", "<points " + '[](){}="' * 5_000),
        ("molmo", ("<points " + "a" * 3_000 + "\n") * 8),
        ("molmo", ("<points " + "a" * 3_000) * 8),
        ("qwen2-vl", "<" + "a" * 20_000),
        ("qwen2-vl", ("<" + "a" * 39) * 500),
        ("qwen2-vl", "(" * 20_000),
        ("qwen2-vl", "(1 , 2 ) ,(" * 2_000),
        ("qwen2-vl", "(" + "1" * 20_000),
        ("qwen3-vl", "```" + "a" * 20_000),
        ("qwen3-vl", "`" * 20_000),
        ("qwen3-vl", "~`" * 10_000),
        ("qwen3-vl", "```python\n" + ("a" * 250 + "\n") * 80),
        ("qwen3-vl", '["' + "a" * 20_000),
        ("qwen3-vl", '["' + '\\"' * 10_000),
        ("qwen3-vl", ('["' + "a" * 1_900 + '",') * 10),
        ("qwen3-vl", "[" * 20_000),
        ("qwen3-vl", "{" + "a" * 20_000),
        ("qwen3-vl", "[1." + "1" * 20_000),
    ],
    ids=lambda value: value[:12] if isinstance(value, str) else None,
)
def test_an_unfinished_token_is_not_read_again_with_each_piece(family_id: str, text: str, size: int) -> None:
    reads = CountingPlaces(spec(family_id))
    for start in range(0, len(text), size):
        reads.feed(text[start : start + size])
    reads.finish()
    assert reads.examined <= 12 * len(text)
    assert reads.found == found(text, family_id)


@given(numbers=st.lists(st.floats(0, 99_999), min_size=4, max_size=4), blanks=st.integers(0, 4))
def test_every_beginning_of_a_pair_waits_for_its_end(numbers: list[float], blanks: int) -> None:
    space = " " * blanks
    left, top, right, bottom = (f"{space}{number:.3f}{space}" for number in numbers)
    pair = f"({left},{top}){space},{space}({right},{bottom})"
    assert _marks.PAIR.fullmatch(pair)
    assert len(pair) <= _marks.MAX_PAIR
    assert all(_marks.UNFINISHED_PAIR.match(pair[:end]) for end in range(1, len(pair)))
    assert not _marks.UNFINISHED_PAIR.match(f"({pair}")


class CountingPlaces(GrowingPlaces):
    """Counts the steps in which it reads, and the characters that it is given to read."""

    steps = 0
    examined = 0

    def _read(self, *, is_final: bool) -> None:
        self.examined += len(self._unread)
        super()._read(is_final=is_final)

    def _read_value(self, text: str, position: int, *, is_final: bool) -> int | None:
        self.steps += 1
        return super()._read_value(text, position, is_final=is_final)

    def _read_words(self, text: str, position: int, *, is_final: bool) -> int | None:
        self.steps += 1
        return super()._read_words(text, position, is_final=is_final)
