"""One object holds the settings; each is read in one place, and refused with what it takes."""

from __future__ import annotations

import pytest

from puffle_jupyter import InvalidSetting
from puffle_jupyter.read_settings import read_choice, read_redact, read_transcript
from puffle_jupyter.settings import CurrentSettings, Personal, Settings, TranscriptSetting


def test_a_change_replaces_the_values_as_a_whole() -> None:
    """Who holds the old values keeps them, and a reset brings back the defaults of what it names."""
    current = CurrentSettings()
    before = current.now
    current.change(block=True, transcript=TranscriptSetting.CLOSED)
    assert before == Settings()
    current.reset(["transcript"])
    assert current.now == Settings(block=True)
    current.reset()
    assert current.now == Settings()


def test_a_change_for_a_block_ends_with_it() -> None:
    """And what was there before is there again."""
    current = CurrentSettings()
    current.change(block=False)
    with current.changed(redact=frozenset(Personal)):
        assert current.now == Settings(block=False, redact=frozenset(Personal))
    assert current.now == Settings(block=False)


@pytest.mark.parametrize(
    ("written", "meant"),
    [("auto", None), (" AUTO ", None), (True, True), ("1", True), ("False", False), (0, False)],
)
def test_a_choice_in_every_form_of_it(written: object, meant: bool | None) -> None:
    """As Python, %config and a shell write it."""
    assert read_choice("block", written) is meant


@pytest.mark.parametrize(
    ("read", "value", "said"),
    [
        (lambda value: read_choice("updates", value), "maybe", 'updates must be "auto", True or False'),
        (read_transcript, "folded", 'must be "auto", "open" or "closed", not \'folded\''),
        (read_redact, "emails names", "not 'names'"),
    ],
)
def test_another_value_is_refused(read: object, value: object, said: str) -> None:
    """The error says what it was and what is taken."""
    assert callable(read)
    with pytest.raises(InvalidSetting) as raised:
        read(value)
    assert said in str(raised.value)
