"""Pictures of a question: sent once, by file id alone, and what becomes of those that cannot be."""

import json
from typing import Any

import pytest

from rivya_app.chat import attachments
from rivya_app.chat.models import Status, Turn
from rivya_app.library import actions as library
from rivya_app.library.models import RemoteCopy, StoredFile
from rivya_app.library.uses import FileGone
from rivya_app.workspaces.models import Membership
from tests.chat.books import assert_books_close, to_the_end
from tests.chat.talk import Talk
from tests.library.test_strip import photo


@pytest.fixture
def picture(talk: Talk, researcher: Membership) -> StoredFile:
    return talk.shop.upload(researcher, photo())


def uploads(talk: Talk) -> int:
    calls = talk.rivya.requests()
    return sum(1 for call in calls if call["method"] == "POST" and call["path"].endswith("/files"))


def answered(talk: Talk, turn: Turn) -> Turn:
    """The part of the library's workers, and the assistant's."""
    for _round in range(4):
        talk.shop.send_references()
        talk.answer(turn)
        if not turn.is_open:
            break
    return talk.settle(turn)


def file_ids(turn: Turn) -> list[str]:
    return [one["file_id"] for one in json.loads(turn.body)["attachments"]]


def test_it_waits_for_its_picture_and_sends_it_by_its_id_alone(
    talk: Talk, researcher: Membership, picture: StoredFile
) -> None:
    turn = talk.begin(researcher, "See https://example.com/other.png", files=[picture])
    talk.answer(turn)
    assert (turn.status, turn.waits_for, turn.body) == (Status.PENDING, attachments.WAITS, "")
    assert not talk.asked_rivya()
    answered(talk, turn)
    assert turn.status == Status.ANSWERED
    copy = RemoteCopy.objects.get()
    assert json.loads(turn.body)["attachments"] == [{"file_id": copy.remote_id}]
    assert copy.remote_url.reveal() not in turn.body
    assert_books_close(talk)


def test_it_sends_a_picture_once_for_many_questions(
    talk: Talk, researcher: Membership, picture: StoredFile
) -> None:
    first = answered(talk, talk.begin(researcher, files=[picture, picture]))
    second = answered(talk, talk.ask(first.conversation, files=[picture]))
    assert (uploads(talk), len(file_ids(first))) == (1, 1)
    assert file_ids(first) == file_ids(second)


def test_it_sends_a_picture_afresh_once_that_rivya_dropped(
    talk: Talk, researcher: Membership, picture: StoredFile
) -> None:
    first = answered(talk, talk.begin(researcher, files=[picture]))
    talk.rivya.expire_file(file_ids(first)[0])
    turn = talk.ask(first.conversation, files=[picture])
    key_before = turn.idempotency_key
    talk.answer(turn)
    assert turn.status == Status.PENDING
    assert turn.idempotency_key != key_before
    answered(talk, turn)
    assert turn.status == Status.ANSWERED
    assert file_ids(turn) != file_ids(first)
    assert uploads(talk) == 2
    assert_books_close(talk)


def test_it_sends_afresh_no_second_time(
    talk: Talk, researcher: Membership, picture: StoredFile
) -> None:
    talk.rivya.fault("error", on=["chat.stream"], code="chat_attachment_not_supported", status=400)
    turn = answered(talk, talk.begin(researcher, files=[picture]))
    assert (turn.status, turn.error_code) == (Status.FAILED, "chat_attachment_not_supported")
    assert (uploads(talk), len(talk.asked_rivya())) == (2, 2)
    assert_books_close(talk)


def test_it_keeps_its_key_where_the_refusal_follows_a_doubt(
    talk: Talk, researcher: Membership, picture: StoredFile
) -> None:
    """The quick repeat behind a 503 meets the refusal: the first send may have been taken up."""
    talk.rivya.fault("server_error", times=1, on=["chat.stream"], status=503)
    talk.rivya.fault("error", on=["chat.stream"], code="validation_failed", status=400)
    turn = talk.begin(researcher, files=[picture])
    key = turn.idempotency_key
    answered(talk, turn)
    assert turn.idempotency_key == key
    assert {call["idempotency_key"] for call in talk.asked_rivya()} == {str(key)}
    assert_books_close(talk)


def test_it_ends_without_cost_where_rivya_refuses_the_picture(
    talk: Talk, researcher: Membership, picture: StoredFile
) -> None:
    talk.rivya.fault("error", on=["files.create"], code="validation_failed", status=400)
    turn = answered(talk, talk.begin(researcher, files=[picture]))
    assert (turn.status, turn.error_code) == (Status.FAILED, attachments.REFUSED)
    assert not talk.asked_rivya()
    assert_books_close(talk)


def test_a_picture_in_use_cannot_be_removed_until_its_question_is_closed(
    talk: Talk, researcher: Membership, picture: StoredFile
) -> None:
    turn = talk.begin(researcher, files=[picture])
    with pytest.raises(library.FileNeeded):
        library.remove_file(member=researcher, public_id=picture.public_id)
    answered(talk, turn)
    library.remove_file(member=researcher, public_id=picture.public_id)


def test_it_asks_nothing_with_a_picture_that_was_removed(
    talk: Talk, researcher: Membership, picture: StoredFile
) -> None:
    first = answered(talk, talk.begin(researcher))
    library.remove_file(member=researcher, public_id=picture.public_id)
    with pytest.raises(FileGone):
        talk.ask(first.conversation, files=[picture])
    assert first.conversation.turns.count() == 1
    assert_books_close(talk)


def test_it_ends_without_cost_where_the_bytes_are_gone(
    talk: Talk, researcher: Membership, picture: StoredFile
) -> None:
    turn = talk.begin(researcher, files=[picture])
    StoredFile.objects.filter(pk=picture.pk).update(state="removed")
    talk.answer(turn)
    assert (turn.status, turn.error_code) == (Status.FAILED, attachments.GONE)
    assert not talk.asked_rivya()
    assert_books_close(talk)


def test_it_refuses_what_the_model_does_not_take(
    talk: Talk, researcher: Membership, picture: StoredFile
) -> None:
    with pytest.raises(attachments.Unfit):
        talk.begin(researcher, model_id=_blind(talk), files=[picture])
    assert not Turn.objects.exists()


def _blind(talk: Talk) -> Any:
    from rivya_app.gateway.access import models_of
    from rivya_app.gateway.chat_models import chat_model_of

    found = [chat_model_of(talk.workflow, card.model_id) for card in models_of(talk.workflow)]
    return next(one.model_id for one in found if one and not one.abilities.max_images)


def test_its_books_close_with_pictures_too(
    talk: Talk, researcher: Membership, picture: StoredFile
) -> None:
    talk.rivya.fault("sse_break", times=1)
    turn = talk.begin(researcher, files=[picture])
    answered(talk, turn)
    to_the_end(talk, turn)
    assert turn.status == Status.ANSWERED
    assert_books_close(talk)
